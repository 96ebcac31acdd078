import type { Pair } from '../../protocol/payloads.ts';
import { cacheFolder } from '../base/root.ts';
import type { ResolvedConfig } from '../config/load.ts';
import { CompiledModel } from '../engine/compiled-model.ts';
import type { Clocks } from './audio-pipeline.ts';
import type { NamedModel, Network } from './network.ts';
import { readTrained } from './network-files.ts';
import { pairsOf } from './pairs.ts';
import type { Screen } from './screen.ts';

/** What a configuration says of networks. */
type Wanted = Pick<ResolvedConfig, 'networks' | 'compare'>;

/** Networks that run, and which of them are compared. */
export interface NetworkSet<N extends NamedModel = Network> {
  readonly networks: readonly N[];
  readonly pairs: readonly Pair[];
}

/**
 * Reads and compiles the configured networks; one of those that run already goes on as it is where name and model are the same.
 * @throws UserError where one is missing, untrained or of another rate, or cannot be compiled
 */
export async function loadSet(
  { networks: configured, compare }: Wanted,
  running: readonly Network[],
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<NetworkSet> {
  const onUnkept = (text: string) => log(`cache: ${text}`);
  const source = { cache: cacheFolder(), signal, onUnkept };
  const networks: Network[] = [];
  for (const [i, each] of configured.entries()) {
    const { name } = each;
    const model = await readTrained(each, i);
    const same = running.find((old) => old.name === name && old.model.hash === model.hash);
    networks.push(same ?? { name, model, compiled: await CompiledModel.load(model, source) });
  }
  return { networks, pairs: pairsOf(networks, compare) };
}

export function isSameSet(a: NetworkSet, b: NetworkSet): boolean {
  const sameNetworks =
    a.networks.length === b.networks.length && a.networks.every((x, i) => x === b.networks[i]);
  return sameNetworks && JSON.stringify(a.pairs) === JSON.stringify(b.pairs);
}

/** One line that says what runs, and what is compared. */
export function networksLine({ networks, pairs }: NetworkSet<NamedModel>): string {
  const [first, ...others] = networks.map(
    ({ name, model }) => [name, model.metadata.name] as const,
  );
  if (first !== undefined && others.length === 0) {
    const [name, model] = first;
    const which = model === name ? '' : `${model}; `;
    return `network: ${name} (${which}alone, so there is nothing to compare)`;
  }
  const names = networks.map(({ name, model }) =>
    model.metadata.name === name ? name : `${name} (${model.metadata.name})`,
  );
  const compared = pairs.map((pair) => pair.join(' and ')).join(', ');
  return `networks: ${names.join(', ')}; ${compared === '' ? 'none are compared' : `compared: ${compared}`}`;
}

/** Loads the networks of a start, and shows what they are and how long it takes. */
export async function prepareNetworks(
  wanted: Wanted,
  signal: AbortSignal,
  { log, task, monotonic }: Pick<Screen, 'log' | 'task'> & Pick<Clocks, 'monotonic'>,
): Promise<NetworkSet> {
  const begun = monotonic();
  const which = wanted.networks.map(({ name }) => name).join(', ');
  const shown = task('networks', `preparing ${which} (compiled at the first start)`);
  try {
    const set = await loadSet(wanted, [], signal, log);
    const seconds = ((monotonic() - begun) / 1000).toFixed(1);
    shown.end(`${networksLine(set)}; ready in ${seconds} s`);
    return set;
  } catch (error) {
    shown.end();
    throw error;
  }
}
