import { describe, expect, it } from 'vitest';
import { acdnet } from '../../nets/acdnet.ts';
import { mixSource } from '../mixing/mixer.ts';
import { refuseInfeasible } from './feasible.ts';

const labels = ['cat', 'dog'];
const net = acdnet({
  name: 'n',
  channels: [8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8],
  classes: 2,
  form: 'real',
});
const clips = (...counts: readonly number[]) =>
  counts.flatMap((count, label) =>
    Array.from({ length: count }, (_, i) => ({
      ...{ name: `${label}-${i}`, fold: 1, label },
      samples: new Int16Array(100),
    })),
  );
const refuse = (
  counts: readonly number[],
  changes: { batch?: number; memory?: number; heldOut?: number } = {},
) =>
  refuseInfeasible({
    ...{ net, labels, batch: 64, clips: clips(...counts), heldOut: undefined },
    ...changes,
  });

describe('a training that cannot be', () => {
  it('is refused where one class alone is there, which between-class mixing would draw from for ever', () => {
    expect(() => refuse([9, 0])).toThrow(/only cat/);
    expect(() => refuse([0, 9], { heldOut: 3 })).toThrow(/with fold 3 left out is only dog/);
    expect(() => refuse([0, 0])).toThrow(/none/);
    expect(() => mixSource(clips(5), { classes: 1, sampleRate: 20000, window: 10 })).toThrow(
      /not of two classes/,
    );
  });

  it('is refused where a class has no clip to learn from', () => {
    const three = { net, labels: ['cat', 'dog', 'owl'], batch: 64, clips: clips(4, 4) };
    expect(() => refuseInfeasible({ ...three, heldOut: 2 })).toThrow(/learn owl from .*fold 2/);
    expect(() => refuseInfeasible({ ...three, heldOut: undefined })).toThrow(/learn owl from/);
  });

  it('is refused with a batch beyond the data or the memory', () => {
    expect(() => refuse([20, 20], { batch: 100_000 })).toThrow(
      /batch of 100000 .* --batch 64|100000/,
    );
    expect(() => refuse([20, 20])).not.toThrow();
    expect(() => refuse([500, 500], { batch: 1000, memory: 1e9 })).toThrow(/needs about .* GB/);
    expect(() => refuse([500, 500], { batch: 1000, memory: 1e12 })).not.toThrow();
  });
});
