import { z } from 'zod';
import { type Evaluation, summarize } from '../evaluation/evaluation.ts';

/** What an evaluation on the clips left out counted; all figures follow from it. */
export const resultSchema = z.strictObject({
  /** Epochs done by then. */
  epoch: z.number().int(),
  windows: z.number().int(),
  windowsCorrect: z.number().int(),
  /** [true class][given class], by clip. */
  confusion: z.array(z.array(z.number().int())),
});
export type Result = z.infer<typeof resultSchema>;

export function resultAt(epoch: number, e: Evaluation): Result {
  return {
    epoch,
    windows: e.windows,
    windowsCorrect: Math.round(e.windows * e.singleWindowAccuracy),
    confusion: e.confusion.map((row) => [...row]),
  };
}

/** The evaluation that a training ended with, or the last one so far. */
export function resultOf({ result }: { readonly result?: Result | undefined }) {
  if (result === undefined) return undefined;
  return summarize(result.confusion, result.windows, result.windowsCorrect);
}
