import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { NetworkKind } from '../../protocol/topics.ts';
import { type Problem, pathText, valueText } from '../config/explain.ts';
import { type Detection, type LoadedConfig, type ResolvedConfig, refuse } from '../config/load.ts';
import { reasonOf } from '../errors.ts';
import type { Model } from '../model/model.ts';
import { didYouMean } from '../nearest.ts';
import { secretProblems } from '../publish/credentials.ts';
import { comparableModels, readTrained } from './network-files.ts';

type Models = Readonly<Partial<Record<NetworkKind, Model>>>;

/** Adds what `look` fails with, under the key that named it. */
async function gather<T>(
  problems: Problem[],
  path: readonly PropertyKey[],
  look: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    problems.push({ path, text: reasonOf(error) });
    return undefined;
  }
}

/** What a detection asks of networks that are not there. */
export function detectionProblems({ network, classes }: Detection, models: Models): Problem[] {
  const problems: Problem[] = [];
  const { int8, xnor } = models;
  for (const kind of network === 'both' ? (['int8', 'xnor'] as const) : [network]) {
    if (models[kind] !== undefined) continue;
    const text = `detection.network is ${network}, but no ${kind} network runs; name another`;
    problems.push({ path: ['detection', 'network'], text });
  }
  if (network === 'both' && int8 !== undefined && xnor !== undefined) {
    if (!comparableModels(int8, xnor)) {
      const text =
        'detection.network is both, but the networks differ in classes or window; name one of int8 and xnor there, or two networks with the same classes and window';
      problems.push({ path: ['detection', 'network'], text });
    }
  }
  const known = [int8, xnor].flatMap((model) => model?.metadata.labels ?? []);
  for (const name of Object.keys(classes)) {
    if (known.includes(name)) continue;
    const path = ['detection', 'classes', name];
    const hint = didYouMean(name, [...new Set(known)]);
    problems.push({ path, text: `${pathText(path)} is no class of the networks; ${hint}` });
  }
  return problems;
}

async function networkProblems({
  networks,
  detection,
}: ResolvedConfig): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  const models: { -readonly [K in NetworkKind]?: Model } = {};
  for (const kind of ['int8', 'xnor'] as const) {
    const name = networks[kind];
    if (name === undefined) continue;
    const model = await gather(problems, ['networks', kind], () => readTrained(kind, name));
    if (model !== undefined) models[kind] = model;
  }
  // Without its networks nothing can be said of what a detection asks of them.
  return problems.length > 0 ? problems : detectionProblems(detection, models);
}

async function clipProblems({ audio }: ResolvedConfig): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  if (audio.source !== 'clips' || audio.clips === undefined) return problems;
  const { clips } = audio;
  await gather(problems, ['audio', 'clips'], async () => {
    const { checkClips } = await import('../audio/clips.ts');
    await checkClips(clips);
  });
  return problems;
}

/** The state folder may be made later, but only where a folder is. */
async function stateProblems({ gateway }: ResolvedConfig): Promise<readonly Problem[]> {
  const { stateDir } = gateway;
  for (let folder = stateDir; ; folder = dirname(folder)) {
    const found = await stat(folder).catch(() => undefined);
    if (found === undefined && folder !== dirname(folder)) continue;
    if (found === undefined || found.isDirectory()) return [];
    const what = folder === stateDir ? 'which is no folder' : `but ${folder} is no folder`;
    const text = `gateway.stateDir is ${valueText(stateDir)}, ${what}; name a folder of its own`;
    return [{ path: ['gateway', 'stateDir'], text }];
  }
}

async function keyProblems({ boards, gateway }: ResolvedConfig): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  if (boards.length === 0) return problems;
  const { defaultKeyPath, readKey } = await import('../firmware/keys.ts');
  const path = defaultKeyPath(gateway.stateDir);
  // Where there is none yet, one is made.
  if ((await stat(path).catch(() => undefined)) === undefined) return problems;
  await gather(problems, ['boards'], () => readKey(path));
  return problems;
}

/** Looks at every file that a configuration names, as running it would. */
export async function setUpProblems(config: ResolvedConfig): Promise<readonly Problem[]> {
  const looks = [networkProblems, clipProblems, stateProblems, keyProblems];
  const found = await Promise.all(looks.map((look) => look(config)));
  return [...found.flat(), ...(await secretProblems(config.mqtt))];
}

/** Fails with a line for every file named by the configuration that is not what it should be. @throws UserError `config` */
export async function checkSetUp({ config, file, where }: LoadedConfig): Promise<void> {
  const problems = await setUpProblems(config);
  const at = (path: readonly PropertyKey[]) => (file === undefined ? '' : where(path));
  if (problems.length > 0) refuse(problems, ({ path, text }) => at(path) + text);
}
