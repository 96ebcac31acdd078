import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { plainText } from '../../protocol/plain-text.ts';
import { makeFolder } from '../base/folder.ts';
import { emulatedId } from '../boards/emulated-id.ts';
import { argumentsOf, beginningOf, holdsTerminal } from './process.ts';
import { memoryPath } from './qemu.ts';

const entrySchema = z.object({
  id: plainText,
  /** Its kind: a folder in firmware/boards. */
  board: plainText,
  port: plainText,
  pid: z.int().positive(),
  /** See beginningOf. */
  begun: z.int(),
  flash: plainText,
});

/** An emulated board that some process of this user runs: also the first line of `otolith emulate --json`. */
export type RunningEmulator = Readonly<z.infer<typeof entrySchema>>;

const folderOf = (stateDir: string): string => join(stateDir, 'emulated');

export interface Announcement {
  readonly entry: RunningEmulator;
  /** Takes it back. */
  readonly withdraw: () => Promise<void>;
}

/** Makes a running emulator known to other commands. */
export async function announce(
  stateDir: string,
  emulator: Omit<RunningEmulator, 'id' | 'begun'>,
): Promise<Announcement> {
  const folder = folderOf(stateDir);
  await makeFolder(folder);
  const file = join(folder, `${emulator.pid}.json`);
  const id = await emulatedId({ kind: emulator.board, flash: emulator.flash }, stateDir);
  const entry = { id, ...emulator, begun: (await beginningOf(emulator.pid)) ?? 0 };
  await writeFile(file, JSON.stringify(entry));
  return { entry, withdraw: () => rm(file, { force: true }) };
}

/** Emulated boards that run now; what killed processes left behind is cleared away. */
export async function runningEmulators(stateDir: string): Promise<readonly RunningEmulator[]> {
  const folder = folderOf(stateDir);
  const names = await readdir(folder).catch(() => []);
  const found: RunningEmulator[] = [];
  for (const name of names.filter((file) => file.endsWith('.json')).sort()) {
    const entry = await readEntry(join(folder, name));
    if (entry !== undefined && (await isRunning(entry))) found.push(entry);
    else await rm(join(folder, name), { force: true });
  }
  return found;
}

async function readEntry(path: string): Promise<RunningEmulator | undefined> {
  try {
    return entrySchema.safeParse(JSON.parse(await readFile(path, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

/**
 * Whether the entry's process is still the emulator that wrote it: number, flash file and terminal may each belong to
 * another process by now, and what is written to a terminal that is no board's comes out on somebody's screen.
 */
async function isRunning({ pid, begun, flash, port }: RunningEmulator): Promise<boolean> {
  if ((await beginningOf(pid)) !== begun) return false;
  const words = await argumentsOf(pid);
  if (!words.some((word) => word.includes(`,${memoryPath(flash)},share=`))) return false;
  return holdsTerminal(pid, port);
}
