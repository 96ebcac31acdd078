import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, packageRoot } from '../../agent/base/root.ts';
import type { BoardFile } from '../../agent/boards/board-file.ts';
import { boardDefines } from '../../agent/build/board-defines.ts';
import {
  applicationPlan,
  boardLink,
  boardSources,
  boardTarget,
  driverGroup,
} from '../../agent/build/firmware-plans.ts';
import type { BuildPlan } from '../../agent/build/plan.ts';
import { buildBootloader as bootloaderOf } from '../../agent/firmware/firmware.ts';
import { cachedBuild } from '../../agent/firmware/firmware-cache.ts';

const cache = cacheFolder();

/** Builds the bootloader that trusts this key and returns the path of its ELF file. */
export function buildBootloader(board: BoardFile, key: Uint8Array): Promise<string> {
  return bootloaderOf(board, key, { cache });
}

/** Builds the application around test/boards/<model>.c and returns its bytes. */
export function buildApplication(board: BoardFile, model: string): Promise<Uint8Array> {
  return bytesOf(board, applicationPlan(board, [`build/${model}.c`]), model);
}

/** Builds test/boards/hang.c as an application of its own and returns its bytes. */
export function buildHanging(board: BoardFile): Promise<Uint8Array> {
  const target = boardTarget(board);
  const sources = ['build/hang.c', ...boardSources(board)];
  const includes = ['firmware/boards', 'firmware/boot'];
  const group = driverGroup(target, { sources, includes, defines: boardDefines(board) });
  return bytesOf(board, { target, groups: [group], ...boardLink(board, 'app') }, 'hang');
}

async function bytesOf(board: BoardFile, plan: BuildPlan, name: string): Promise<Uint8Array> {
  const files = {
    [`${name}.c`]: readFileSync(join(packageRoot, 'test/boards', `${name}.c`), 'utf8'),
  };
  const order = {
    board: board.id,
    name: 'app',
    plan,
    task: `${name} for ${board.id}`,
    files,
  } as const;
  return readFileSync((await cachedBuild(order, { cache })).bin);
}
