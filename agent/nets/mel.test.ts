import { describe, expect, it } from 'vitest';
import { costOf } from './cost.ts';
import { melCnn, melLstm, melNet } from './mel.ts';
import { shapesOf } from './shapes.ts';

const NAMED = { name: 'probe', classes: 10 } as const;

describe('networks on spectrograms', () => {
  it('halve the spectrogram with each convolution while there is something to halve', () => {
    const shapes = shapesOf(melNet('mel-cnn', {}, NAMED));
    expect(shapes.get('mel')).toEqual([117, 40, 1]);
    expect(shapes.get('conv1')).toEqual([58, 20, 12]);
    expect(shapes.get('conv5')).toEqual([3, 1, 48]);
    const deep = melCnn({ ...NAMED, channels: [2, 2, 2, 2, 2, 2, 2, 2], bands: 16 });
    expect(shapesOf(deep).get('conv8')).toEqual([1, 1, 2]);
  });

  it('count an LSTM as four gates over row, state and one', () => {
    const cost = costOf(melNet('mel-lstm', { units: 48 }, NAMED));
    expect(cost.parameters).toBe(4 * 48 * (40 + 48 + 1) + 48 * 10 + 10);
    expect(cost.macs).toBe(58 * 4 * 48 * (40 + 48) + 48 * 10);
  });

  it('are refused without channels, units or a whole frame', () => {
    expect(() => melCnn({ ...NAMED, channels: [] })).toThrow(/at least one convolution/);
    expect(() => melLstm({ ...NAMED, units: 0 })).toThrow(/at least one unit/);
    expect(() => melLstm({ ...NAMED, units: 4, samples: 1000 })).toThrow(
      /window of 1000 samples is shorter than a frame of 1024/,
    );
  });
});
