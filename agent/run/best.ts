import { tensorBytes } from '../model/model.ts';
import type { NamedModel } from './network.ts';
import { areComparable } from './pairs.ts';

/** Which network `best` is, and a line that says why. */
export interface Best<N extends NamedModel = NamedModel> {
  readonly network: N;
  readonly line: string;
}

const accuracyOf = ({ model }: NamedModel): number | undefined =>
  model.metadata.evaluation?.crossValidated?.accuracy;

/**
 * The most accurate network by the cross-validation in the models' own files; where the most accurate tie, cannot be
 * compared or one file says nothing, the one with the fewest weight bytes.
 */
export function bestOf<N extends NamedModel>([first, ...others]: readonly N[]): Best<N> {
  if (first === undefined) throw new Error('no network runs');
  if (others.length === 0) return { network: first, line: 'best: there is one network' };
  const networks = [first, ...others];
  const say = (network: N, why: string): Best<N> => ({
    network,
    line: `best: ${network.name}, ${why}`,
  });
  const silent = networks.filter((network) => accuracyOf(network) === undefined);
  if (!others.every((other) => areComparable(first, other))) {
    return say(smallest(networks), 'the smallest: their classes or windows differ');
  }
  if (silent.length > 0) {
    const names = silent.map(({ name }) => name).join(' and ');
    const why = `the smallest: no cross-validated accuracy in the file of ${names}`;
    return say(smallest(networks), why);
  }
  const percents = networks.map(
    (network) => `${(100 * (accuracyOf(network) ?? 0)).toFixed(1)} % (${network.name})`,
  );
  const figures = `of ${percents.join(', ')} cross-validated`;
  const highest = Math.max(...networks.map((network) => accuracyOf(network) ?? 0));
  const leaders = networks.filter((network) => accuracyOf(network) === highest);
  const chosen = smallest(leaders);
  return say(chosen, leaders.length === 1 ? figures : `the smallest of the best, ${figures}`);
}

function smallest<N extends NamedModel>(networks: readonly N[]): N {
  return networks.reduce((least, network) =>
    tensorBytes(network.model) < tensorBytes(least.model) ? network : least,
  );
}
