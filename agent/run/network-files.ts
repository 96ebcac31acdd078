import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { SAMPLE_RATE } from '../audio/source.ts';
import { UserError } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import type { ConfiguredNetwork } from '../config/load.ts';
import { type Model, readModel } from '../model/model.ts';
import { modelPath, zooNames } from './zoo.ts';

/** What to name in place of a model that is not there. */
function namesToGive(name: string): string {
  const near = nearest(basename(name, '.safetensors'), zooNames());
  if (near !== undefined) return `did you mean ${near}?`;
  return `the zoo has ${zooNames().join(', ')}; otherwise give the path of a deployed model (otolith train and compress make one)`;
}

/**
 * The file of a model that a person named.
 * @throws UserError `model` where it is neither in the zoo nor a file, with the names that are
 */
export function existingModelPath(name: string): string {
  const path = modelPath(name);
  if (existsSync(path)) return path;
  throw new UserError(
    'model',
    `cannot read the model ${name}: it is neither in the zoo nor a file`,
    {
      hint: namesToGive(name),
    },
  );
}

/**
 * Reads a configured network; `index` is its place in the configuration.
 * @throws UserError where it is missing, untrained or of another rate
 */
export async function readTrained({ model: name }: ConfiguredNetwork, index = 0): Promise<Model> {
  const path = modelPath(name);
  const refuse = (what: string, hint: string): never => {
    throw new UserError('networks', `networks[${index}].model is ${name}, ${what}`, { hint });
  };
  if (!existsSync(path)) refuse('which is neither in the zoo nor a file', namesToGive(name));
  const model = await readModel(path);
  const { provenance, sampleRate } = model.metadata;
  if (provenance.weights === 'random') {
    refuse('whose weights are random: its verdicts mean nothing', 'name a trained model');
  }
  if (sampleRate !== SAMPLE_RATE) {
    refuse(`which takes ${sampleRate} Hz`, `name a network for ${SAMPLE_RATE} Hz`);
  }
  return model;
}
