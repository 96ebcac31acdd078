import { afterEach, expect, test, vi } from 'vitest';
import type { PushReport } from '../../push/push-job.ts';
import { stepWords } from '../../push/push-words.ts';
import { progressOf, reportWords } from './push-display.ts';

const upload = { bytes: 10_000, resumedAt: 0, chunks: 10, repeated: 0, ms: 1000 };
const report = (selfTests: number, result: PushReport['result']): PushReport => ({
  ...{
    id: 'b',
    boardId: 'cortex-m4',
    version: '1.2.3',
    imageBytes: 10_000,
    imageHash: '0123456789abcdef',
    selfTests,
  },
  result,
});
afterEach(() => vi.restoreAllMocks());

test('a push is called tested only where something was', () => {
  const done = { step: 'done', how: 'pushed', upload } as const;
  expect(reportWords(report(2, done))).toMatch(/^b: pushed, tested and confirmed \(10000 bytes/);
  expect(reportWords(report(0, done))).toMatch(/^b: pushed, started and confirmed, not tested /);
  expect(stepWords({ step: 'self-test' }, false)).toMatch(/nothing to test it by/);
});

test('a failure says what runs, and in serial recovery that nothing does', () => {
  const failed = { step: 'failed', why: 'because', upload: undefined } as const;
  expect(reportWords(report(0, { ...failed, running: 'old' }))).toMatch(
    /because; the old firmware/,
  );
  expect(reportWords(report(0, { ...failed, running: 'nothing' }))).toMatch(/serial recovery/);
});

test('while a board is away, lines tell for how long, not every second and not with --json', () => {
  const lines: unknown[] = [];
  vi.spyOn(console, 'error').mockImplementation((line: unknown) => void lines.push(line));
  const { onAway } = progressOf(false, true).watch('b');
  for (let second = 1; second <= 10; second++) onAway(second);
  progressOf(true, true).watch('b').onAway(5);
  expect(lines).toEqual(
    [2, 5, 10].map((seconds) => `b: waiting for the board to come back, ${seconds} s`),
  );
});
