import { z } from 'zod';
import { plainText } from '../../protocol/plain-text.ts';
import { size } from '../ops/fields.ts';
import { operators } from '../ops/registry.ts';
import { evaluationSchema, trainingFactsSchema } from './facts.ts';

/**
 * The plan of a deployed model: layers in order, each reading one earlier layer (or the window) by id.
 * What each computes, in integers, is specified in firmware/SPEC.md; what each says, its operator's folder (agent/ops) does.
 */

const [anyOperator, ...otherOperators] = Object.values(operators);
if (anyOperator === undefined) throw new Error('no operators');

export const layerSchema = z.discriminatedUnion('kind', [
  anyOperator.schema,
  ...otherOperators.map(({ schema }) => schema),
]);

/** Most clips that a file lists; more would not fit its header. */
export const MOST_CLIPS = 40_000;

/**
 * Clips that a network has learnt from, or that one it learnt from had: fingerprints of 8 x u16 LE each, base64. What a
 * fingerprint is, agent/lab/data/fingerprint.ts says.
 */
export const clipSetSchema = z.strictObject({
  fingerprint: z.literal('otolith-1'),
  base64: z
    .string()
    .max(Math.ceil((MOST_CLIPS * 16) / 3) * 4)
    .regex(/^[A-Za-z0-9+/]*={0,2}$/),
});
export type ClipSet = z.infer<typeof clipSetSchema>;
/** A class: shown in lists, logs and pages, sent to brokers, kept on boards. */
export const labelSchema = plainText.min(1).max(63);

/** Commands, one a line. */
export const plainLines = z
  .string()
  .refine((text) => text.split('\n').every((line) => plainText.safeParse(line).success), {
    message: 'holds control characters',
  });

/** Where a model comes from; `weights` says plainly whether they were trained. */
const provenanceSchema = z.strictObject({
  weights: z.enum(['trained', 'random']),
  /** Network family and form, e.g. "micro-acdnet" or "mini-acdnet xnor paper". */
  network: plainText.max(200),
  command: plainLines.max(2000).optional(),
  seed: z.number().int().optional(),
  dataset: plainText.max(200).optional(),
  folds: z.array(z.number().int()).max(20).optional(),
  recipe: plainText.max(4000).optional(),
  created: plainText.max(40).optional(),
  /** Absent: the file does not say. */
  clips: clipSetSchema.optional(),
});

export const metadataSchema = z.strictObject({
  format: z.literal('otolith-model'),
  version: z.literal(1),
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'lower-case letters, digits, dots, dashes'),
  labels: z.array(labelSchema).min(1).max(1000),
  sampleRate: z.number().int().min(1000).max(192000),
  /** Shape of one window of int16 samples, [1, samples, 1] for raw audio; one step is 1/32768. */
  input: z.tuple([size.max(64), z.number().int().min(1).max(1_000_000), size.max(64)]),
  layers: z.array(layerSchema).min(1).max(200),
  provenance: provenanceSchema,
  evaluation: evaluationSchema.optional(),
  training: trainingFactsSchema.optional(),
  metrics: z.record(plainText.max(100), z.number()).optional(),
});

export type Metadata = z.infer<typeof metadataSchema>;
