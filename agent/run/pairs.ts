import type { Pair } from '../../protocol/payloads.ts';
import { windowSamplesOf } from '../model/model.ts';
import { readSame } from '../model/reads.ts';
import { classesOf, type NamedModel } from './network.ts';

/** Whether two networks take the same windows and know the same classes: only then does agreement mean anything. */
export function areComparable(a: NamedModel, b: NamedModel): boolean {
  const [ofA, ofB] = [classesOf(a), classesOf(b)];
  const sameClasses = ofA.length === ofB.length && ofA.every((label, i) => label === ofB[i]);
  return sameClasses && windowSamplesOf(a.model) === windowSamplesOf(b.model);
}

/** The pairs that are compared: those of the configuration, else the first two networks that read the same input. */
export function pairsOf(
  networks: readonly NamedModel[],
  configured: readonly Pair[] | undefined,
): readonly Pair[] {
  if (configured !== undefined) return configured;
  for (const [i, a] of networks.entries()) {
    const b = networks
      .slice(i + 1)
      .find((other) => areComparable(a, other) && readSame(a.model, other.model));
    if (b !== undefined) return [[a.name, b.name]];
  }
  return [];
}
