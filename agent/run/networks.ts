import { basename } from 'node:path';
import type { NetworkKind } from '../../protocol/topics.ts';
import type { Config } from '../config/schema.ts';
import { CompiledModel } from '../engine/compiled-model.ts';
import { tensorBytes } from '../model/model.ts';
import { cacheFolder } from '../root.ts';
import { comparableModels, readTrained } from './network-files.ts';
import type { Screen } from './screen.ts';

/** The networks of the gateway, ready to run: one or both. */
export type Networks = Readonly<Partial<Record<NetworkKind, CompiledModel>>>;

const KINDS = ['int8', 'xnor'] as const;

/** The networks that run, in order. */
export function running(networks: Networks): readonly (readonly [NetworkKind, CompiledModel])[] {
  return KINDS.flatMap((kind) => {
    const network = networks[kind];
    return network === undefined ? [] : [[kind, network] as const];
  });
}

/** A network that the configuration has shown to run. */
export function networkOf(networks: Networks, kind: NetworkKind): CompiledModel {
  const network = networks[kind];
  if (network === undefined) throw new Error(`networks.${kind} does not run`);
  return network;
}

/** What comparing networks asks of them. */
export type Candidates = Readonly<Partial<Record<NetworkKind, Pick<CompiledModel, 'model'>>>>;

/** Whether both run, take the same windows and know the same classes: only then does agreement mean anything. */
export function comparable({ int8, xnor }: Candidates): boolean {
  if (int8 === undefined || xnor === undefined) return false;
  return comparableModels(int8.model, xnor.model);
}

/** Samples of the longest window that any network takes; a network of shorter windows takes its beginning. */
export function windowSamplesOf(networks: Networks): number {
  return Math.max(...running(networks).map(([, { windowSamples }]) => windowSamples));
}

/** Loads and compiles the configured networks. Fails with a UserError when one is missing, untrained or of the wrong kind. */
export async function loadNetworks(
  names: Config['networks'],
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<Networks> {
  const onUnkept = (text: string) => log(`cache: ${text}`);
  const source = { cache: cacheFolder(), signal, onUnkept };
  const networks: { -readonly [K in NetworkKind]?: CompiledModel } = {};
  for (const kind of KINDS) {
    const name = names[kind];
    if (name === undefined) continue;
    networks[kind] = await CompiledModel.load(await readTrained(kind, name), source);
  }
  return networks;
}

/** One line that says what runs, and whether it is compared. */
export function networksLine(networks: Networks): string {
  const names = running(networks).map(([, { model }]) => model.metadata.name);
  if (names.length === 1) return `network: ${names[0]} (alone, so there is nothing to compare)`;
  const line = `networks: ${names.join(' and ')}`;
  return comparable(networks)
    ? line
    : `${line}, side by side: their classes or windows differ, so they are not compared`;
}

/** Which network `best` is, and a line that says why. */
export interface Best {
  readonly kind: NetworkKind;
  readonly line: string;
}

/**
 * The more accurate network by the cross-validation in the models' own files; where they tie, cannot be compared or one
 * file says nothing, the one with fewer weight bytes.
 */
export function bestOf(networks: Candidates): Best {
  const { int8, xnor } = networks;
  if (int8 === undefined || xnor === undefined) {
    return { kind: int8 === undefined ? 'xnor' : 'int8', line: 'best: there is one network' };
  }
  const models = { int8: int8.model, xnor: xnor.model };
  const say = (kind: NetworkKind, why: string): Best => ({
    kind,
    line: `best: ${models[kind].metadata.name}, ${why}`,
  });
  const accuracy = (kind: NetworkKind) =>
    models[kind].metadata.evaluation?.crossValidated?.accuracy;
  const [a, b] = [accuracy('int8'), accuracy('xnor')];
  const smaller = tensorBytes(models.int8) <= tensorBytes(models.xnor) ? 'int8' : 'xnor';
  const silent = KINDS.filter((kind) => accuracy(kind) === undefined);
  if (!comparable(networks)) return say(smaller, 'the smaller: their classes or windows differ');
  if (a === undefined || b === undefined) {
    const names = silent.map((kind) => models[kind].metadata.name).join(' and ');
    return say(smaller, `the smaller: no cross-validated accuracy in the file of ${names}`);
  }
  const percents = `${(100 * a).toFixed(1)} % (int8) and ${(100 * b).toFixed(1)} % (xnor) cross-validated`;
  if (a === b) return say(smaller, `the smaller: both have ${percents}`);
  return say(a > b ? 'int8' : 'xnor', percents);
}

/** Loads them, and shows what that is and how long it takes. */
export async function prepareNetworks(
  names: Config['networks'],
  signal: AbortSignal,
  { log, task, monotonic }: Pick<Screen, 'log' | 'task'> & { readonly monotonic: () => number },
): Promise<Networks> {
  const begun = monotonic();
  const files = Object.values(names).filter((name) => name !== undefined);
  const which = files.map((file) => basename(file, '.safetensors'));
  const shown = task('networks', `preparing ${which.join(' and ')} (compiled at the first start)`);
  try {
    const networks = await loadNetworks(names, signal, log);
    const seconds = ((monotonic() - begun) / 1000).toFixed(1);
    shown.end(`${networksLine(networks)}; ready in ${seconds} s`);
    return networks;
  } catch (error) {
    shown.end();
    throw error;
  }
}
