import { z } from 'zod';
import { plainText } from '../../protocol/plain-text.ts';
import { evaluationSchema, trainingFactsSchema } from './facts.ts';

/**
 * The plan of a deployed model: layers in order, each reading one earlier layer (or the window) by id.
 * What each computes, in integers, is specified in firmware/SPEC.md; tensors are listed in `tensors.ts`.
 */

const id = z
  .string()
  .regex(/^[a-z][a-zA-Z0-9_]{0,30}$/, 'an id is a letter, then letters or digits');
const size = z.number().int().min(1).max(4096);
const pair = z.tuple([size, size]);
const int8 = z.number().int().min(-128).max(127);
const shift = z.number().int().min(0).max(15);

/** Activations leave a layer as int8 with a zero point; `min` is the zero point where a ReLU was folded in. */
const int8Output = z.strictObject({
  type: z.literal('int8'),
  zeroPoint: int8,
  min: int8,
  max: int8,
  shift,
  /** Real value of one step, for people and for tools; the integers do not need it. */
  scale: z.number().positive(),
});

/** Activations leave as an int16 stream with zero point 0. */
const int16Output = z.strictObject({
  type: z.literal('int16'),
  min: z.union([z.literal(0), z.literal(-32768)]),
  shift,
  scale: z.number().positive(),
});

/** Activations leave as signs: one bit per value, 1 where the accumulator reaches the channel's threshold. */
const bitsOutput = z.strictObject({ type: z.literal('bits') });

/** Integer scores of the classes; logit = score * scale. */
const scoresOutput = z.strictObject({ type: z.literal('scores'), scale: z.number().positive() });

/** Residual stage: int16 stream + scaled accumulator, then per-channel PReLU. */
const residualOutput = z.strictObject({
  type: z.literal('residual'),
  /** The int16 stream that is added; its channels are repeated or cut to fit. */
  shortcut: id,
  shift,
  scale: z.number().positive(),
});

const layerBase = { id, from: id };
const window = { channels: size, kernel: pair, stride: pair, pool: pair };

/** Convolution of int8 or int16 activations with int8 weights, then a max pool. */
const conv = z.strictObject({
  kind: z.literal('conv'),
  ...layerBase,
  ...window,
  padding: z.enum(['valid', 'same']),
  output: z.discriminatedUnion('type', [int8Output, int16Output, bitsOutput]),
});

/** Signs of an int8 or int16 map: 1 where a value reaches its channel's threshold. */
const sign = z.strictObject({ kind: z.literal('sign'), ...layerBase });

/** Convolution of signs with signs. `same` pads with nothing (0), or with a constant sign. */
const xnorConv = z.strictObject({
  kind: z.literal('xnorConv'),
  ...layerBase,
  ...window,
  padding: z.enum(['valid', 'same']),
  padValue: z.union([z.literal(0), z.literal(1), z.literal(-1)]),
  output: z.discriminatedUnion('type', [int8Output, int16Output, bitsOutput, residualOutput]),
});

/** [1, W, C] -> [C, W, 1]; the type of the activations stays. */
const channelsToHeight = z.strictObject({ kind: z.literal('channelsToHeight'), ...layerBase });

/** Mean of an int8 map over height and width. */
const average = z.strictObject({
  kind: z.literal('average'),
  ...layerBase,
  multiplier: z.number().int().min(0).max(0x7fffffff),
  output: int8Output,
});

/** Fully connected layer over an int8 map in memory order. */
const dense = z.strictObject({
  kind: z.literal('dense'),
  ...layerBase,
  units: size,
  output: z.discriminatedUnion('type', [int8Output, scoresOutput]),
});

/** Samples that a frame of a log-mel spectrogram may have. */
export const LOG_MEL_FRAMES = [64, 128, 256, 512, 1024] as const;

/** Log-mel spectrogram of the window: int8 [frames][bands][1]. */
const logMel = z.strictObject({
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
  scale: z.number().positive(),
});

/** Recurrent layer over the rows of an int8 map; its last state, int8 in steps of 1/128. */
const lstm = z.strictObject({
  kind: z.literal('lstm'),
  ...layerBase,
  units: size.max(1024),
  /** Of the sums over the inputs; those over the state are not shifted. */
  shift,
});

export const layerSchema = z.discriminatedUnion('kind', [
  conv,
  sign,
  xnorConv,
  channelsToHeight,
  average,
  dense,
  logMel,
  lstm,
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
export const provenanceSchema = z.strictObject({
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

export type Layer = z.infer<typeof layerSchema>;
export type ConvLayer = Extract<Layer, { kind: 'conv' }>;
export type XnorConvLayer = Extract<Layer, { kind: 'xnorConv' }>;
export type DenseLayer = Extract<Layer, { kind: 'dense' }>;
export type AverageLayer = Extract<Layer, { kind: 'average' }>;
export type LogMelLayer = Extract<Layer, { kind: 'logMel' }>;
export type LstmLayer = Extract<Layer, { kind: 'lstm' }>;
export type SignLayer = Extract<Layer, { kind: 'sign' }>;
export type ConvOutput = ConvLayer['output'] | XnorConvLayer['output'];
export type Metadata = z.infer<typeof metadataSchema>;
export type Provenance = z.infer<typeof provenanceSchema>;

/** The id by which layers read the window. */
export const WINDOW = 'input';
