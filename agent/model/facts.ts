import { z } from 'zod';
import { plainText } from '../../protocol/plain-text.ts';

/** What the lab found of a model and how it was trained: part of its file, so that whoever has the file has the figures. */

const line = plainText.max(2000);
const count = z.number().int().min(0);
const share = z.number().min(0).max(1);

const figures = z.strictObject({
  clips: count.min(1),
  /** Clips recognised from ten crops. */
  correct: count,
  /** Share of the clips. */
  accuracy: share,
  singleWindowAccuracy: share,
});
/** How many of some clips a model recognises, on the integer engine. */
export type Figures = z.infer<typeof figures>;

export const evaluationSchema = z.strictObject({
  /** Each fold's model on the clips of the fold it left out, none of which it had learnt from; then all of them. */
  crossValidated: z
    .strictObject({
      folds: z
        .array(z.strictObject({ fold: line, ...figures.shape }))
        .min(1)
        .max(100),
      ...figures.shape,
      /** 95 % interval of the accuracy (Wilson). */
      interval: z.tuple([share, share]),
    })
    .optional(),
  /** On the very clips this model was trained on: says whether it learnt, and nothing more. */
  onTrained: figures.optional(),
});
export type EvaluationFacts = z.infer<typeof evaluationSchema>;

/** What a network was before it was deployed, and what its training took. */
export const trainingFactsSchema = z.strictObject({
  channels: z.array(count).max(200),
  parameters: count,
  /** Multiply-accumulates of one window. */
  realMacs: count,
  binaryMacs: count,
  /** Of all stages and teachers. */
  hours: z.number().min(0),
  /** One sentence on each training, first one first. */
  stages: z.array(line).max(50),
  commands: z.array(line).max(100),
});
export type TrainingFacts = z.infer<typeof trainingFactsSchema>;
