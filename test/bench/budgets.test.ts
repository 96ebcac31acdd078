import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../agent/base/root.ts';
import { benchModel } from '../../agent/bench/bench.ts';
import { readBoardFile } from '../../agent/boards/board-file.ts';
import { melNet } from '../../agent/nets/mel.ts';
import { WHOLE_NETS, wholeCase } from '../vectors/cases.ts';

const KB = 1024;
/** Compilers and emulators on a busy machine. */
const SLOW = 300_000;

/** Millions of instructions for one window, at most: what the kernels reach, and a few per cent. */
const INSTRUCTIONS = {
  'qmicro-acdnet': { 'cortex-m4': 12.2, 'cortex-m55': 3 },
  'xmicro-acdnet': { 'cortex-m4': 5, 'cortex-m55': 1.9 },
  'xmini-acdnet': { 'cortex-m4': 15, 'cortex-m55': 3.8 },
  'residual-xnor': { 'cortex-m4': 11.3, 'cortex-m55': 3.2 },
  'mel-cnn': { 'cortex-m4': 6.9, 'cortex-m55': 3.7 },
} as const;

const NETS = [...WHOLE_NETS, melNet('mel-cnn', {}, { name: 'mel-cnn', classes: 10 })];
const modelOf = (name: string) => {
  const net = NETS.find((n) => n.name === name);
  if (net === undefined) throw new Error(`no network ${name}`);
  return wholeCase(net).model;
};
const board = (id: string) => readBoardFile(packageRoot, id);

describe.each(Object.entries(INSTRUCTIONS))('%s', (name, limits) => {
  test.each(Object.entries(limits))(
    'on %s stays below %f M instructions',
    async (id, millions) => {
      const run = await benchModel(modelOf(name), board(id));
      console.log(
        `${name} on ${id}: ${run.instructions} instructions, ${run.ramBytes} bytes of RAM`,
      );
      expect(run.instructions).toBeLessThan(millions * 1e6);
      // A count that lost a stage, or a round of the timer, would be far too good.
      expect(run.instructions).toBeGreaterThan(millions * 0.4e6);
      expect(run.layers.every((layer) => layer.instructions > 0)).toBe(true);
    },
    SLOW,
  );
});

test(
  'QMicro on Cortex-M4: 24 KB of RAM, its weights and 40 KB of flash, the same count each time',
  async () => {
    const model = modelOf('qmicro-acdnet');
    const [a, b] = [
      await benchModel(model, board('cortex-m4')),
      await benchModel(model, board('cortex-m4')),
    ];
    expect(a).toEqual(b);
    expect(a.macs).toBe(14_284_214);
    expect(a.ramBytes).toBeLessThanOrEqual(24 * KB);
    expect(a.flashBytes).toBeLessThanOrEqual(126 * KB + 40 * KB);
  },
  SLOW,
);
