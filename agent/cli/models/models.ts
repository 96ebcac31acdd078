import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { reasonOf, UserError } from '../../base/errors.ts';
import { textTable } from '../../base/text-table.ts';
import { loadConfig } from '../../config/load.ts';
import { kindOf, type Model, readModel, tensorBytes, windowSamplesOf } from '../../model/model.ts';
import { readsOf } from '../../model/reads.ts';
import { existingModelPath } from '../../run/network-files.ts';
import { modelPath, zoo, zooNames } from '../../run/zoo.ts';
import { wrapTo } from '../terminal/width.ts';

export interface ModelsOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** Where trainings go unless told otherwise, as the examples have it. */
const RUNS = 'runs';
/** Deep enough for runs/<name>/fold-<n>/<model>. */
const LEVELS = 3;
/** What training leaves beside deployed models. */
const NOT_DEPLOYED = /^(network|checkpoint)\.safetensors$|-float\.safetensors$/;

/** A deployed network, as scripts get it. */
interface Listed {
  readonly name: string;
  readonly from: 'zoo' | 'own';
  readonly path: string;
  readonly kind: 'int8' | 'xnor';
  /** Cross-validated; null where it was never measured so. */
  readonly accuracy: number | null;
  readonly interval: readonly [number, number] | null;
  readonly clips: number | null;
  readonly singleWindowAccuracy: number | null;
  readonly fileBytes: number;
  readonly weightBytes: number;
  readonly classes: readonly string[];
  readonly sampleRate: number;
  readonly windowSeconds: number;
  /** "waveform", or what it is turned into first. */
  readonly reads: string;
  readonly randomWeights: boolean;
}

/** `otolith models` */
export async function listModels(
  places: readonly string[],
  { config, json = false }: ModelsOptions,
): Promise<void> {
  const paths = [
    ...zooNames().map(modelPath),
    ...(await configured(config)),
    ...(await own(places)),
  ];
  const listed: Listed[] = [];
  for (const path of new Set(paths)) {
    try {
      listed.push(await factsOf(path));
    } catch (error) {
      // Who names a file asks for it; what a folder holds beside models is no failure of the list.
      if (!(error instanceof UserError) || places.includes(path)) throw error;
      console.error(`left out: ${reasonOf(error)}`);
    }
  }
  if (json) console.log(JSON.stringify(listed, null, 2));
  else for (const line of lines(listed, process.stdout.columns ?? 120)) console.log(line);
}

async function configured(config: string | undefined): Promise<readonly string[]> {
  const { networks } = await loadConfig(config);
  return networks.map(({ model }) => modelPath(model)).filter((path) => existsSync(path));
}

async function own(places: readonly string[]): Promise<readonly string[]> {
  if (places.length === 0) return existsSync(RUNS) ? modelsBelow(RUNS, LEVELS) : [];
  const found = await Promise.all(
    places.map(async (place) => {
      const isFolder = (await stat(place).catch(() => undefined))?.isDirectory() === true;
      return isFolder ? modelsBelow(place, LEVELS) : [existingModelPath(place)];
    }),
  );
  return found.flat();
}

async function modelsBelow(folder: string, levels: number): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files = entries
    .filter(({ name }) => name.endsWith('.safetensors') && !NOT_DEPLOYED.test(name))
    .map(({ name }) => join(folder, name));
  const folders = levels === 0 ? [] : entries.filter((entry) => entry.isDirectory());
  const below = await Promise.all(
    folders.map(({ name }) => modelsBelow(join(folder, name), levels - 1)),
  );
  return [...files.sort(), ...below.flat()];
}

async function factsOf(path: string): Promise<Listed> {
  const model = await readModel(path);
  const { name, labels, sampleRate, evaluation, provenance } = model.metadata;
  const measured = evaluation?.crossValidated;
  return {
    ...{ name, from: relative(zoo, path) === basename(path) ? 'zoo' : 'own', path },
    kind: kindOf(model),
    accuracy: measured?.accuracy ?? null,
    interval: measured?.interval ?? null,
    clips: measured?.clips ?? null,
    singleWindowAccuracy: measured?.singleWindowAccuracy ?? null,
    fileBytes: (await stat(path)).size,
    weightBytes: tensorBytes(model satisfies Model),
    classes: labels,
    sampleRate,
    windowSeconds: windowSamplesOf(model) / sampleRate,
    reads: readsOf(model),
    randomWeights: provenance.weights === 'random',
  };
}

const percent = (share: number): string => (Math.round(1000 * share) / 10).toFixed(1);

function accuracyText({ accuracy, interval, randomWeights }: Listed): string {
  if (randomWeights) return 'random weights';
  if (accuracy === null || interval === null) return 'not measured';
  return `${percent(accuracy)} % (${interval.map(percent).join('-')})`;
}

/** The table of networks, then a note on classes and on where own files lie. */
function lines(listed: readonly Listed[], columns: number): readonly string[] {
  const head = ['network', 'kind', 'accuracy (95 %)', 'weights', 'classes', 'window'];
  const rows = listed.map((each) => [
    each.name,
    each.kind,
    accuracyText(each),
    `${Math.round(each.weightBytes / 1000)} KB`,
    `${each.classes.length}`,
    `${each.windowSeconds.toFixed(2)} s`,
  ]);
  const own = listed.filter(({ from }) => from === 'own');
  const sets = new Map<string, readonly string[]>();
  for (const { name, classes } of listed) {
    const set = classes.join(', ');
    sets.set(set, [...(sets.get(set) ?? []), name]);
  }
  return [
    textTable([head, ...rows]),
    '',
    ...[...sets].flatMap(([classes, of]) =>
      wrapTo(`classes${sets.size === 1 ? '' : ` of ${of.join(', ')}`}: ${classes}`, columns, 2),
    ),
    ...own.map(({ name, path }) => `${name}: ${path}`),
  ];
}
