import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../base/errors.ts';

const MODEL = /^(.+)\.safetensors$/;
/** What training leaves beside models. */
const NOT_DEPLOYED = ['network', 'checkpoint'];

/**
 * Folders of single folds under a runs folder that hold a file; the folder itself if it is one.
 * @throws UserError `runs` that says what is there in its place
 */
export async function foldFolders(runs: string, file: string): Promise<readonly string[]> {
  const found = (await runFolders(runs)).filter((dir) => existsSync(join(dir, file)));
  if (found[0] === runs) return [runs];
  if (found.length > 0) return found;
  throw new UserError('runs', `${runs} holds no ${file}`, { hint: await whatToDo(runs, file) });
}

async function runFolders(runs: string): Promise<readonly string[]> {
  const entries = await readdir(runs, { withFileTypes: true }).catch((cause: unknown) => {
    throw new UserError('runs', `${runs} is no folder of runs`, {
      hint: 'give the --out folder of otolith train',
      cause,
    });
  });
  const names = entries.filter((e) => e.isDirectory()).map((e) => e.name);
  return [runs, ...names.sort().map((name) => join(runs, name))];
}

/** Names of the deployed models under a runs folder. */
export async function deployedNames(runs: string): Promise<readonly string[]> {
  const files = await Promise.all((await runFolders(runs)).map((dir) => readdir(dir)));
  const names = files.flat().flatMap((file) => MODEL.exec(file)?.[1] ?? []);
  return [...new Set(names)].filter((name) => !NOT_DEPLOYED.includes(name)).sort();
}

async function whatToDo(runs: string, file: string): Promise<string> {
  const names = await deployedNames(runs);
  const isNetwork = file === 'network.safetensors';
  if (names.length > 0 && !isNetwork) return `it has ${names.join(', ')}`;
  const dirs = await runFolders(runs);
  const trained = dirs.some((dir) => existsSync(join(dir, 'network.safetensors')));
  if (isNetwork || !trained) {
    return 'give the --out folder of otolith train once a fold has finished';
  }
  const name = MODEL.exec(file)?.[1] ?? '<name>';
  return `it has float networks only, so quantize them first: otolith compress quantize ${runs} --data <data set> --name ${name} (binarize for XNOR networks)`;
}
