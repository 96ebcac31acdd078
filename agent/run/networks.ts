import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NetworkKind } from '../../protocol/topics.ts';
import type { Config } from '../config/schema.ts';
import { cacheFolder } from '../engine/cache.ts';
import { CompiledModel } from '../engine/compiled-model.ts';
import { tensorBytes } from '../model/model.ts';
import { comparableModels, modelPath, readTrained, zoo } from './network-files.ts';

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

/** Whether both run, take the same windows and know the same classes: only then does agreement mean anything. */
export function comparable({ int8, xnor }: Networks): boolean {
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
): Promise<Networks> {
  const source = { cache: cacheFolder(), prebuilt: join(zoo, 'wasm'), signal };
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

/** The cross-validated ten-crop accuracy that the card beside a model gives, in percent; undefined without one. */
export async function cardAccuracy(name: string): Promise<number | undefined> {
  const card = modelPath(name).replace(/\.safetensors$/, '.md');
  const text = await readFile(card, 'utf8').catch(() => '');
  const [, percent] = /^\| together \| [^|]*= ([\d.]+) %/m.exec(text) ?? [];
  return percent === undefined ? undefined : Number(percent);
}

/** The more accurate network by the cards; where they tie or one says nothing, the one with fewer weight bytes. */
export async function bestOf(names: Config['networks'], networks: Networks): Promise<NetworkKind> {
  const { int8, xnor } = networks;
  if (int8 === undefined || xnor === undefined) return int8 === undefined ? 'xnor' : 'int8';
  const accuracy = (kind: NetworkKind) => cardAccuracy(names[kind] ?? '');
  const [a, b] = await Promise.all([accuracy('int8'), accuracy('xnor')]);
  if (a !== undefined && b !== undefined && a !== b) return a > b ? 'int8' : 'xnor';
  return tensorBytes(int8.model) <= tensorBytes(xnor.model) ? 'int8' : 'xnor';
}
