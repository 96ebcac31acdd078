import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { type EpochReport, trainingDisplay } from './training-display.ts';

/** What is written to a terminal of 200 columns, or to something that is none. */
function fakeStream(isTTY: boolean) {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 200, rows: 50 });
  const text = (): string => (stream.read() as Buffer | null)?.toString() ?? '';
  return { stream: stream as unknown as NodeJS.WriteStream, text };
}

function report(epoch: number, changes: Partial<EpochReport['epoch']> = {}): EpochReport {
  return {
    epoch: { epoch, loss: 0.51234, agreement: 0.8, seconds: 0.9, ...changes },
    epochs: 600,
    secondsLeft: 3780,
    first: epoch === 1,
  };
}

it('shows a bar for each fold on a terminal, with loss, pace, time left and the last look at the fold left out', () => {
  const { stream, text } = fakeStream(true);
  const print = (): void => {
    throw new Error('a line of text beside bars');
  };
  const display = trainingDisplay([1, 'all'], { stream, print, printsToTerminal: true });
  display.epoch(1, report(49, { heldOut: { accuracy: 0.925, singleWindowAccuracy: 0.8 } }));
  display.epoch(1, report(50));
  display.line('all', 'left out: a.ogg is silent');
  display.stop();
  const shown = text();
  expect(shown).toContain('all: left out: a.ogg is silent\n');
  expect(shown).toMatch(
    /fold-1 \S+ 50\/600 loss 0\.512, 0\.90 s\/epoch, 1 h 03 min left, held out 92\.50 % \(10 crops\) 80\.00 % \(1\)/,
  );
  expect(shown).toMatch(/all {4}\S+ 0\/1 waiting/);
});

it('prints every fifth epoch elsewhere, naming the fold where there are several', () => {
  const { stream, text } = fakeStream(false);
  const lines: string[] = [];
  const print = (line: string) => lines.push(line);
  const display = trainingDisplay([2, 3], { stream, print, printsToTerminal: true });
  for (let epoch = 1; epoch <= 6; epoch++) display.epoch(3, report(epoch));
  display.stop();
  expect(lines).toEqual([
    'fold-3: epoch 1/600 loss 0.5123, 0.90 s, 63 min left',
    'fold-3: epoch 5/600 loss 0.5123, 0.90 s, 63 min left',
  ]);
  expect(text()).toBe('');
});

it('does both where the lines go to a file', () => {
  const { stream, text } = fakeStream(true);
  const lines: string[] = [];
  const print = (line: string) => lines.push(line);
  const display = trainingDisplay([1], { stream, print, printsToTerminal: false });
  display.epoch(1, report(5));
  display.stop();
  expect(lines).toEqual(['epoch 5/600 loss 0.5123, 0.90 s, 63 min left']);
  expect(text()).toContain('5/600 loss 0.512');
});
