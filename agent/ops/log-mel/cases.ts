import type { OperatorCases } from '../cases.ts';
import { LOG_MEL_FRAMES, type LogMelLayer } from './layer.ts';
import { melTables } from './tables.ts';

export const cases: OperatorCases<LogMelLayer> = {
  reads: ['int16'],
  window: (random) => [1, random.int(600, 2600), 1],
  layer({ random, from, id, map }) {
    const frames = map.shape[1] < 1024 ? ([64, 128, 256, 512] as const) : LOG_MEL_FRAMES;
    const frame = random.pick(frames);
    const bands = random.pick([1, 8, 13, 20, 32]);
    return {
      kind: 'logMel',
      id: id('mel'),
      from,
      frame,
      hop: random.int(Math.floor(frame / 3), frame),
      bands,
      offset: random.int(0, 5000),
      multiplier: random.int(500, 8000),
      zeroPoint: random.int(-128, 127),
      scale: 1 / 16,
    };
  },
  tensors({ layer: { frame, hop, bands } }) {
    const tables = melTables({ sampleRate: 20000, frame, hop, bands });
    const { window, twiddle, edge, weight } = tables;
    return { window, twiddle, edge, weight };
  },
};
