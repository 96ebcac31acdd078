import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NetworkKind } from '../../protocol/topics.ts';
import { SAMPLE_RATE } from '../audio/source.ts';
import type { Config } from '../config/schema.ts';
import { cacheFolder } from '../engine/cache.ts';
import { CompiledModel } from '../engine/compiled-model.ts';
import { UserError } from '../errors.ts';
import { kindOf, type Model, readModel, tensorBytes } from '../model/model.ts';
import { packageRoot } from '../root.ts';

const zoo = join(packageRoot, 'agent', 'zoo');

/** The file of a configured network: a path as it is, a bare name from the zoo. */
export function modelPath(name: string): string {
  const inZoo = join(zoo, `${name}.safetensors`);
  return name.includes('/') || existsSync(name) || !existsSync(inZoo) ? name : inZoo;
}

async function readTrained(kind: NetworkKind, name: string): Promise<Model> {
  const path = modelPath(name);
  const where = `networks.${kind} is ${name}`;
  if (!existsSync(path)) {
    throw new UserError('networks', `${where}, which is neither in the zoo nor a file`, {
      mend: 'name a model of agent/zoo or the path of a deployed model (`otolith train` and `compress` make one)',
    });
  }
  const model = await readModel(path);
  const { provenance, sampleRate } = model.metadata;
  if (provenance.weights === 'random') {
    throw new UserError(
      'networks',
      `${where}, whose weights are random: its verdicts mean nothing`,
      {
        mend: 'name a trained model',
      },
    );
  }
  if (kindOf(model) !== kind) {
    throw new UserError('networks', `${where}, which is a network of kind ${kindOf(model)}`, {
      mend: `name a network of kind ${kind}`,
    });
  }
  if (sampleRate !== SAMPLE_RATE) {
    throw new UserError('networks', `${where}, which hears ${sampleRate} Hz`, {
      mend: `name a network for ${SAMPLE_RATE} Hz`,
    });
  }
  return model;
}

/** The two networks of the gateway, ready to run. */
export type Networks = Readonly<Record<NetworkKind, CompiledModel>>;

/**
 * Loads and compiles both networks. Fails with a UserError when one is missing, untrained, of the wrong kind, or when the
 * two do not take the same windows and know the same classes.
 */
export async function loadNetworks(
  names: Config['networks'],
  signal: AbortSignal,
): Promise<Networks> {
  const source = { cache: cacheFolder(), prebuilt: join(zoo, 'wasm'), signal };
  const load = async (kind: NetworkKind) =>
    CompiledModel.load(await readTrained(kind, names[kind]), source);
  const networks = { int8: await load('int8'), xnor: await load('xnor') };
  const { int8, xnor } = networks;
  const classes = (network: CompiledModel) => network.model.metadata.labels.join(', ');
  if (int8.windowSamples !== xnor.windowSamples || classes(int8) !== classes(xnor)) {
    throw new UserError(
      'networks',
      `${names.int8} and ${names.xnor} were trained for different tasks`,
      {
        mend: 'name two networks with the same classes and window',
      },
    );
  }
  return networks;
}

/** The cross-validated ten-crop accuracy that the card beside a model gives, in percent; undefined without one. */
export async function cardAccuracy(name: string): Promise<number | undefined> {
  const card = modelPath(name).replace(/\.safetensors$/, '.md');
  const text = await readFile(card, 'utf8').catch(() => '');
  const [, percent] = /^\| together \| [^|]*= ([\d.]+) %/m.exec(text) ?? [];
  return percent === undefined ? undefined : Number(percent);
}

/** The more accurate network by the two cards; where they tie or one says nothing, the one with fewer weight bytes. */
export async function bestOf(names: Config['networks'], networks: Networks): Promise<NetworkKind> {
  const [int8, xnor] = await Promise.all([cardAccuracy(names.int8), cardAccuracy(names.xnor)]);
  if (int8 !== undefined && xnor !== undefined && int8 !== xnor) {
    return int8 > xnor ? 'int8' : 'xnor';
  }
  return tensorBytes(networks.int8.model) <= tensorBytes(networks.xnor.model) ? 'int8' : 'xnor';
}
