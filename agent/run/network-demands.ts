import type { Pair } from '../../protocol/payloads.ts';
import { didYouMean } from '../base/nearest.ts';
import { type Problem, pathText } from '../config/explain.ts';
import type { Detection, ResolvedConfig } from '../config/load.ts';
import type { Follows } from './detector.ts';
import { classesOf, type NamedModel } from './network.ts';
import { areComparable, pairsOf } from './pairs.ts';

type Asked = Pick<ResolvedConfig, 'compare' | 'detection'>;

/** The two that have to agree for a detection: those named for it, else the first that are compared. */
function agreeingPair({ compare, detection }: Asked, networks: readonly NamedModel[]) {
  return detection.pair ?? pairsOf(networks, compare)[0];
}

/** Whose verdict makes a detection. The configuration has been found to fit these networks. */
export function followedBy(config: Asked, networks: readonly NamedModel[]): Follows {
  const { network } = config.detection;
  if (network !== 'agree') return { network };
  const pair = agreeingPair(config, networks);
  if (pair === undefined) throw new Error('no two networks can agree');
  return { pair };
}

/** What comparing and agreeing ask of networks that they do not have. */
export function pairProblems(config: Asked, networks: readonly NamedModel[]): readonly Problem[] {
  const problems: Problem[] = [];
  const differ = ([a, b]: Pair): boolean => {
    const [first, second] = [a, b].map((name) => networks.find((each) => each.name === name));
    return first !== undefined && second !== undefined && !areComparable(first, second);
  };
  for (const [i, pair] of (config.compare ?? []).entries()) {
    if (!differ(pair)) continue;
    const text = `compare[${i}] is ${pair.join(' and ')}, whose classes or windows differ; name two with the same classes and window`;
    problems.push({ path: ['compare', i], text });
  }
  if (config.detection.network !== 'agree') return problems;
  const pair = agreeingPair(config, networks);
  if (pair === undefined) {
    const text =
      'detection.network is agree, but no two networks are compared; name two in detection.pair, or one network in detection.network';
    problems.push({ path: ['detection', 'network'], text });
  } else if (config.detection.pair !== undefined && differ(pair)) {
    const text = `detection.pair is ${pair.join(' and ')}, whose classes or windows differ; name two with the same classes and window`;
    problems.push({ path: ['detection', 'pair'], text });
  }
  return problems;
}

/** Rules for classes that no network knows. */
export function classProblems(
  { classes }: Detection,
  networks: readonly NamedModel[],
): readonly Problem[] {
  const known = [...new Set(networks.flatMap(classesOf))];
  return Object.keys(classes)
    .filter((name) => !known.includes(name))
    .map((name) => {
      const path = ['detection', 'classes', name];
      const text = `${pathText(path)} is no class of the networks; ${didYouMean(name, known)}`;
      return { path, text };
    });
}
