import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { Random, randomSamples } from '../../agent/base/random.ts';
import { type Model, windowSamplesOf } from '../../agent/model/model.ts';
import { acdnet } from '../../agent/nets/acdnet.ts';
import type { Net } from '../../agent/nets/graph.ts';
import { ACDNET_PRESETS } from '../../agent/nets/presets.ts';
import { randomModel } from '../../agent/nets/random-model.ts';
import type { Kind } from '../../agent/ops/registry.ts';
import { operatorNetwork } from './operator-network.ts';
import type { Case } from './programs.ts';
import { randomNetwork } from './random-network.ts';

/** Random networks in networks.json: one for each zero point an int8 map can have, and of what came later. */
export const NETWORKS = 296;
/** Networks around a layer of each operator. */
export const PER_OPERATOR = 12;

export const seeds = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, n) => n);

const scores = z.array(z.array(z.number().int()));
const entrySchema = z.strictObject({ hash: z.string().length(64), scores });
export const vectorsSchema = z.strictObject({
  command: z.string(),
  networks: z.array(entrySchema.extend({ seed: z.number().int() })),
  operators: z.array(entrySchema.extend({ kind: z.string(), index: z.number().int() })),
  whole: z.array(entrySchema.extend({ name: z.string() })),
});
export type Vectors = Readonly<z.infer<typeof vectorsSchema>>;

/** What every implementation must give; `command` remakes it from the reference interpreter. */
export function readVectors(): Vectors {
  const text = readFileSync(new URL('./networks.json', import.meta.url), 'utf8');
  return vectorsSchema.parse(JSON.parse(text));
}

/** A random network on two windows: sound at all levels, then nothing but the extremes of int16. */
export function randomCase(seed: number): Case {
  return twoWindows(randomNetwork(seed), seed);
}

/** The n-th network around a layer of an operator, on two such windows. */
export function operatorCase(kind: Kind, index: number): Case {
  return twoWindows(operatorNetwork(kind, index), index);
}

function twoWindows(model: Model, seed: number): Case {
  const count = windowSamplesOf(model);
  const random = new Random(seed);
  const sound = randomSamples(random, count);
  const extremes = Int16Array.from({ length: count }, () => random.pick([-32768, 32767, 0]));
  return { model, windows: [sound, extremes] };
}

const micro = ACDNET_PRESETS['micro-acdnet'];
const mel = ACDNET_PRESETS['mel-acdnet'];
const SMALL = [8, 16, 16, 32, 32, 32, 32, 64, 64, 96, 96];
const MINI = [4, 32, 16, 32, 32, 64, 64, 128, 128, 256, 256];

/** The networks that the product compares, at their full size, on one window. */
export const WHOLE_NETS: readonly Net[] = [
  acdnet({ name: 'qmicro-acdnet', ...micro, classes: 10, form: 'real' }),
  acdnet({ name: 'xmicro-acdnet', ...micro, classes: 10, form: 'paper' }),
  acdnet({ name: 'xmini-acdnet', channels: MINI, classes: 10, form: 'paper' }),
  acdnet({ name: 'residual-xnor', channels: SMALL, conv12: 48, classes: 10, form: 'residual' }),
  acdnet({ name: 'mel-xnor', ...mel, classes: 10, form: 'residual', realConvs: [3, 4, 12] }),
];

export function wholeCase(net: Net): Case {
  const model = randomModel(net, 1, net.name);
  const count = windowSamplesOf(model);
  return { model, windows: [randomSamples(new Random(1), count)] };
}
