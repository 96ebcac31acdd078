import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { reasonOf } from '../base/errors.ts';
import { type Problem, valueText } from '../config/explain.ts';
import { type LoadedConfig, type ResolvedConfig, refuse } from '../config/load.ts';
import { secretProblems } from '../publish/credentials.ts';
import type { NamedModel } from './network.ts';
import { classProblems, pairProblems } from './network-demands.ts';
import { readTrained } from './network-files.ts';

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

async function networkProblems(config: ResolvedConfig): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  const models: NamedModel[] = [];
  for (const [i, network] of config.networks.entries()) {
    const path = ['networks', i, 'model'];
    const model = await gather(problems, path, () => readTrained(network, i));
    if (model !== undefined) models.push({ name: network.name, model });
  }
  // Without its networks nothing can be said of what is asked of them.
  return problems.length > 0
    ? problems
    : [...pairProblems(config, models), ...classProblems(config.detection, models)];
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
async function setUpProblems(config: ResolvedConfig): Promise<readonly Problem[]> {
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
