import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { reasonOf, UserError } from '../base/errors.ts';
import { parseJson } from '../base/json.ts';
import { writeWhole } from '../base/write-whole.ts';
import { operatorOf } from '../ops/registry.ts';
import type { Tensor, TensorSpec } from '../ops/tensors.ts';
import { checkValues } from './check.ts';
import { type Metadata, metadataSchema } from './plan.ts';
import { formatSafetensors, parseSafetensors } from './safetensors.ts';
import { type PlacedLayer, placeLayers } from './shapes.ts';

/** A deployed model: integers only, checked whole, ready for the reference interpreter or the compiler. */
export interface Model {
  readonly metadata: Metadata;
  readonly layers: readonly PlacedLayer[];
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** SHA-256 of the file's bytes, hex. */
  readonly hash: string;
}

const METADATA_KEY = 'otolith';

/** `xnor` if any layer multiplies signs. */
export function kindOf(model: Model): 'int8' | 'xnor' {
  const binary = model.layers.some((p) => operatorOf(p.layer).cost(p).binaryMacs > 0);
  return binary ? 'xnor' : 'int8';
}

/** Samples of one window. */
export function windowSamplesOf({ metadata }: Pick<Model, 'metadata'>): number {
  return metadata.input.reduce((product, size) => product * size, 1);
}

/** Bytes of all tensors: weights, biases, thresholds, tables. */
export function tensorBytes({ tensors }: Model): number {
  return [...tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
}

/**
 * Puts a model together from its parts and checks it as a file's content would be.
 * @throws UserError `model` with the layer or tensor at fault.
 */
export function buildModel(metadata: Metadata, tensors: ReadonlyMap<string, Tensor>): Model {
  return parseModel(formatModel({ metadata, tensors }), metadata.name);
}

/** The file's bytes: tensors in plan order, metadata as one JSON string; same model, same bytes. */
export function formatModel(model: Pick<Model, 'metadata' | 'tensors'>): Uint8Array {
  const placed = placeLayers(model.metadata);
  const order = placed.ok ? placed.layers.flatMap((l) => l.tensors.map((t) => t.name)) : [];
  const tensors = new Map<string, Tensor>();
  for (const name of [...order, ...model.tensors.keys()]) {
    const found = model.tensors.get(name);
    if (found !== undefined) tensors.set(name, found);
  }
  const metadata = { [METADATA_KEY]: JSON.stringify(model.metadata) };
  return formatSafetensors({ metadata, tensors });
}

/**
 * Parses and checks a deployed model file; `where` names it in errors.
 * @throws UserError `model`: truncated, oversized, inconsistent or foreign, in one line.
 */
export function parseModel(bytes: Uint8Array, where: string): Model {
  const fail = (why: string): never => {
    throw new UserError('model', `${where}: ${why}`, {
      hint: 'make the model again with this version of otolith',
    });
  };
  const file = parseSafetensors(bytes, where);
  const text =
    file.metadata[METADATA_KEY] ?? fail('is a safetensors file but not an otolith model');
  const content = parseJson(text);
  if (floatSchema.safeParse(content).success) throw floatNetwork(where);
  const parsed = metadataSchema.safeParse(content);
  if (!parsed.success) return fail(`metadata: ${firstIssue(parsed.error)}`);
  const placed = placeLayers(parsed.data);
  if (!placed.ok) return fail(`layer "${placed.fault.layer}" ${placed.fault.why}`);
  const expected = placed.layers.flatMap((l) => l.tensors);
  for (const spec of expected) checkTensor(spec, file.tensors.get(spec.name), fail);
  const names = new Set(expected.map((s) => s.name));
  for (const name of file.tensors.keys())
    if (!names.has(name)) fail(`has a stray tensor "${name}"`);
  const model: Model = {
    metadata: parsed.data,
    layers: placed.layers,
    tensors: file.tensors,
    hash: createHash('sha256').update(bytes).digest('hex'),
  };
  const fault = checkValues(model.layers, model.tensors);
  if (fault !== undefined) fail(`layer "${fault.layer}" ${fault.why}`);
  return model;
}

/** A float network's file, of which the lab knows more. */
const floatSchema = z.object({ format: z.literal('otolith-training') });

function floatNetwork(where: string): UserError {
  const runs = /^(.+)\/(?:fold-\d+|all)\/network\.safetensors$/.exec(where)?.[1] ?? '<runs>';
  return new UserError('model', `${where} is a float network: quantize it first`, {
    hint: `otolith compress quantize ${runs} --data <data set> --name <name> (binarize for an XNOR network)`,
  });
}

function checkTensor(
  spec: TensorSpec,
  found: Tensor | undefined,
  fail: (why: string) => never,
): void {
  if (found === undefined) fail(`lacks the tensor "${spec.name}"`);
  else if (found.dtype !== spec.dtype || found.shape.join('x') !== spec.shape.join('x')) {
    const is = `${found.dtype} ${found.shape.join('x')}`;
    fail(`tensor "${spec.name}" is ${is}, not ${spec.dtype} ${spec.shape.join('x')}`);
  }
}

/** The first problem of a zod error as `path: message`. */
function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'is not valid';
  const path = issue.path.join('.');
  return path === '' ? issue.message : `${path}: ${issue.message}`;
}

/** Reads a model file. @throws UserError `model` if it cannot be read or is not valid. */
export async function readModel(path: string): Promise<Model> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    const why = reasonOf(cause);
    throw new UserError('model', `cannot read the model ${path}: ${why}`, { cause });
  }
  return parseModel(bytes, path);
}

/** Writes a model file whole or not at all (a rename makes it visible). */
export async function writeModel(
  path: string,
  model: Pick<Model, 'metadata' | 'tensors'>,
): Promise<void> {
  const bytes = formatModel(model);
  parseModel(bytes, path);
  try {
    await writeWhole(path, bytes);
  } catch (cause) {
    throw new UserError('model', `cannot write the model ${path}: ${reasonOf(cause)}`, { cause });
  }
}
