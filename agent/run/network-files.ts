import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { NetworkKind } from '../../protocol/topics.ts';
import { SAMPLE_RATE } from '../audio/source.ts';
import { UserError } from '../errors.ts';
import { kindOf, type Model, readModel } from '../model/model.ts';
import { nearest } from '../nearest.ts';
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

/** Reads a configured network. @throws UserError where it is missing, untrained, of the other kind or another rate. */
export async function readTrained(kind: NetworkKind, name: string): Promise<Model> {
  const path = modelPath(name);
  const where = `networks.${kind} is ${name}`;
  if (!existsSync(path)) {
    throw new UserError('networks', `${where}, which is neither in the zoo nor a file`, {
      hint: namesToGive(name),
    });
  }
  const model = await readModel(path);
  const { provenance, sampleRate } = model.metadata;
  if (provenance.weights === 'random') {
    throw new UserError(
      'networks',
      `${where}, whose weights are random: its verdicts mean nothing`,
      {
        hint: 'name a trained model',
      },
    );
  }
  if (kindOf(model) !== kind) {
    throw new UserError('networks', `${where}, which is a network of kind ${kindOf(model)}`, {
      hint: `name a network of kind ${kind}`,
    });
  }
  if (sampleRate !== SAMPLE_RATE) {
    throw new UserError('networks', `${where}, which hears ${sampleRate} Hz`, {
      hint: `name a network for ${SAMPLE_RATE} Hz`,
    });
  }
  return model;
}

/** Whether two networks take the same windows and know the same classes: only then does agreement mean anything. */
export function comparableModels({ metadata: a }: Model, { metadata: b }: Model): boolean {
  const samples = (input: readonly number[]) => input.reduce((product, n) => product * n, 1);
  const sameClasses =
    a.labels.length === b.labels.length && a.labels.every((label, i) => label === b.labels[i]);
  return sameClasses && samples(a.input) === samples(b.input);
}
