import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { plainText } from '../../../protocol/plain-text.ts';
import { reasonOf, UserError } from '../../base/errors.ts';
import { parseJson } from '../../base/json.ts';
import { writeWhole } from '../../base/write-whole.ts';
import { clipSetSchema, labelSchema, plainLines } from '../../model/plan.ts';
import { formatSafetensors, parseSafetensors } from '../../model/safetensors.ts';
import { costOf } from '../../nets/cost.ts';
import type { Net } from '../../nets/graph.ts';
import { netSchema } from '../../nets/net-schema.ts';
import { type Tensor, tensor } from '../../ops/tensors.ts';
import type { Parameters } from '../../tape/parameter.ts';
import { copyValues, initialParameters } from './parameters.ts';
import { recipeSchema } from './recipe.ts';
import { resultSchema } from './result.ts';

/** One epoch of a training, for curves. */
export const epochSchema = z.strictObject({
  epoch: z.number().int(),
  loss: z.number(),
  /** Share of mixed training windows whose louder class is given; of the batch as it was learnt from. */
  agreement: z.number(),
  seconds: z.number(),
  /** On the fold held out, now and then; shown, never used to choose. */
  heldOut: z.strictObject({ accuracy: z.number(), singleWindowAccuracy: z.number() }).optional(),
});
export type Epoch = z.infer<typeof epochSchema>;

const text = plainText.max(5000);

/** What a float network's file says of itself besides its tensors. */
export const trainingSchema = z.strictObject({
  format: z.literal('otolith-training'),
  version: z.literal(1),
  /** The architecture, whole. */
  net: netSchema,
  labels: z.array(labelSchema).max(1000),
  recipe: recipeSchema,
  /** Folds trained on, and the one held out (none when all were used). */
  folds: z.array(z.number().int()),
  heldOut: z.number().int().optional(),
  dataset: text,
  /** Clips it has learnt from, and those before it had; absent where one of them does not say. */
  clips: clipSetSchema.optional(),
  /** Networks it learnt from. */
  teachers: z.array(text).max(100).optional(),
  /** Network whose front was taken over. */
  front: text.optional(),
  /** Network whose weights it began with. */
  start: text.optional(),
  command: plainLines.max(100_000).optional(),
  /** Epochs done. */
  epoch: z.number().int(),
  steps: z.number().int(),
  history: z.array(epochSchema),
  /** On the clips left out, when last looked at. */
  result: resultSchema.optional(),
});
export type Training = z.infer<typeof trainingSchema>;

export interface Checkpoint {
  readonly training: Training;
  readonly parameters: Parameters;
  /** The optimizer's arrays; empty in a finished network's file. */
  readonly state: ReadonlyMap<string, Tensor>;
}

const KEY = 'otolith';

/** Writes whole or not at all: a kill at any moment leaves the previous checkpoint. */
export async function writeCheckpoint(
  path: string,
  training: Training,
  parameters: Parameters,
  state: ReadonlyMap<string, Float32Array>,
): Promise<void> {
  const tensors = new Map<string, Tensor>();
  for (const { name, data, shape } of parameters.values()) tensors.set(name, tensor(data, shape));
  for (const [name, data] of state) tensors.set(name, tensor(data, [data.length]));
  const bytes = formatSafetensors({ metadata: { [KEY]: JSON.stringify(training) }, tensors });
  await writeWhole(path, bytes);
}

/** Reads a float network or a checkpoint. @throws UserError `training` if it is neither. */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new UserError('training', `cannot read ${path}`, {
      hint: 'give the float network that otolith train wrote (network.safetensors)',
      cause,
    });
  });
  const file = parseSafetensors(new Uint8Array(bytes), path);
  const parsed = trainingSchema.safeParse(parseJson(file.metadata[KEY] ?? ''));
  if (!parsed.success)
    throw new UserError('training', `${path} is not a network in training`, {
      hint: 'give the float network that otolith train wrote (network.safetensors)',
    });
  checkSize(parsed.data.net, path);
  const parameters = initialParameters(parsed.data.net, 0, parsed.data.recipe.weights);
  const [missing] = copyValues(parameters, file.tensors);
  if (missing !== undefined)
    throw new UserError('training', `${path} lacks ${missing}`, { hint: 'train it again' });
  const state = new Map([...file.tensors].filter(([name]) => name.includes(':')));
  return { training: parsed.data, parameters, state };
}

/** Most parameters of a network; its file would not be read beyond. */
const MOST_PARAMETERS = 1 << 24;

/** @throws UserError `training` where the nodes of a net do not fit together, or would take all memory. */
function checkSize(net: Net, path: string): void {
  let why: string;
  try {
    const { parameters } = costOf(net);
    if (parameters <= MOST_PARAMETERS) return;
    why = `has ${parameters} parameters; at most ${MOST_PARAMETERS} are read`;
  } catch (cause) {
    why = `has a network that does not fit together (${reasonOf(cause)})`;
  }
  throw new UserError('training', `${path} ${why}`, { hint: 'train it again' });
}

/** A checkpoint if there is one to continue from. */
export async function findCheckpoint(path: string): Promise<Checkpoint | undefined> {
  try {
    return await readCheckpoint(path);
  } catch (error) {
    if (error instanceof UserError && error.cause !== undefined) return undefined;
    throw error;
  }
}
