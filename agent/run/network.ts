import type { CompiledModel } from '../engine/compiled-model.ts';
import { kindOf, type Model, windowSamplesOf } from '../model/model.ts';

/** A network of the configuration, read from its file. */
export interface NamedModel {
  readonly name: string;
  readonly model: Model;
}

/** One that runs on the gateway. */
export interface Network extends NamedModel {
  readonly compiled: Pick<CompiledModel, 'run'>;
}

/** Its arithmetic, which its model file says. */
export type Precision = ReturnType<typeof kindOf>;

export function precisionOf({ model }: NamedModel): Precision {
  return kindOf(model);
}

/** What it may call a sound. */
export function classesOf({ model }: NamedModel): readonly string[] {
  return model.metadata.labels;
}

/** Samples of the longest window that any network takes; a network of shorter windows takes the first part. */
export function longestWindow(networks: readonly NamedModel[]): number {
  return Math.max(...networks.map(({ model }) => windowSamplesOf(model)));
}
