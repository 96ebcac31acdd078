import { z } from 'zod';
import { id, int8, scale, shift } from '../fields.ts';

/** How sums leave a layer (firmware/SPEC.md, "Output stages"). */

/** As int8 with a zero point; `min` is the zero point where a ReLU was folded in. */
export const int8Output = z.strictObject({
  type: z.literal('int8'),
  zeroPoint: int8,
  min: int8,
  max: int8,
  shift,
  scale,
});
export type Int8Output = z.infer<typeof int8Output>;

/** As an int16 stream with zero point 0. */
export const int16Output = z.strictObject({
  type: z.literal('int16'),
  min: z.union([z.literal(0), z.literal(-32768)]),
  shift,
  scale,
});

/** As signs: one bit per value, 1 where the accumulator reaches the channel's threshold. */
export const bitsOutput = z.strictObject({ type: z.literal('bits') });

/** As integer scores of the classes; logit = score * scale. */
export const scoresOutput = z.strictObject({ type: z.literal('scores'), scale });

/** Residual stage: int16 stream + scaled accumulator, then per-channel PReLU. */
export const residualOutput = z.strictObject({
  type: z.literal('residual'),
  /** The int16 stream that is added; its channels are repeated or cut to fit. */
  shortcut: id,
  shift,
  scale,
});

/** Any output stage. */
export type Output =
  | Int8Output
  | z.infer<typeof int16Output>
  | z.infer<typeof bitsOutput>
  | z.infer<typeof scoresOutput>
  | z.infer<typeof residualOutput>;
