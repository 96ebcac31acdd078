import { z } from 'zod';
import { int8, layerBase, scale, size } from '../fields.ts';

/** Samples that a frame of a log-mel spectrogram may have. */
export const LOG_MEL_FRAMES = [64, 128, 256, 512, 1024] as const;

/** Log-mel spectrogram of the window: int8 [frames][bands][1]. */
export const schema = z.strictObject({
  kind: z.literal('logMel'),
  ...layerBase,
  /** Samples of one transform; 1024 keeps every sum within 32 and 64 bits (SPEC.md). */
  frame: z.literal(LOG_MEL_FRAMES),
  hop: size,
  bands: size.max(256),
  /** log2 of the energy in steps of 1/256 -> int8: ((value - offset) * multiplier) / 2^16 + zero point. */
  offset: z.number().int().min(0).max(16384),
  multiplier: z.number().int().min(1).max(65535),
  zeroPoint: int8,
  scale,
});
export type LogMelLayer = z.infer<typeof schema>;
