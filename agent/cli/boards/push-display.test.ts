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

/** The lines of a push whose board does these things, each so many ms after the one before. */
function linesOf(json: boolean, push: (watch: Watch, pass: (ms: number) => void) => void) {
  const lines: unknown[] = [];
  vi.spyOn(console, 'error').mockImplementation((line: unknown) => void lines.push(line));
  let now = 0;
  const display = progressOf({ json, tests: true, what: 'xnor-esc10', monotonic: () => now });
  push(display.watch('b'), (ms) => {
    now += ms;
  });
  return lines;
}
type Watch = ReturnType<ReturnType<typeof progressOf>['watch']>;

const quick = ['inspect', 'upload', 'mark', 'reset', 'wait', 'confirm'] as const;

test('where nobody watches, a quick push says that it begins, and nothing until it ends', () => {
  const push = (watch: Watch, pass: (ms: number) => void) => {
    for (const step of quick) {
      pass(1000);
      watch.onStep({ step } as Parameters<Watch['onStep']>[0]);
    }
    for (let part = 1; part <= 30; part++) watch.onProgress(part, 30);
  };
  expect(linesOf(false, push)).toEqual(['b: pushing xnor-esc10']);
  expect(linesOf(true, push)).toEqual([]);
});

test('a slow one says how far it is, and how long its board is away, once in ten seconds', () => {
  const push = (watch: Watch, pass: (ms: number) => void) => {
    watch.onStep({ step: 'upload' } as Parameters<Watch['onStep']>[0]);
    for (let part = 1; part <= 250; part++) {
      pass(100);
      watch.onProgress(part, 250);
    }
    for (let second = 1; second <= 20; second++) {
      pass(1000);
      watch.onAway(second);
    }
  };
  expect(linesOf(false, push)).toEqual([
    'b: pushing xnor-esc10',
    'b: uploading, 40 %',
    'b: uploading, 80 %',
    'b: waiting for the board to come back, 5 s',
    'b: waiting for the board to come back, 15 s',
  ]);
});

test('what nobody asked for is reported when it happens', () => {
  const push = (watch: Watch) =>
    watch.onStep({ step: 'revert', why: 'its self-test failed' } as Parameters<Watch['onStep']>[0]);
  expect(linesOf(false, push).at(-1)).toBe('b: reverting: its self-test failed');
});
