import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const entrySchema = z.object({
  board: z.string(),
  port: z.string(),
  pid: z.int().positive(),
  flash: z.string(),
});

/** An emulated board that some process of this user runs: also the first line of `otolith emulate --json`. */
export type RunningEmulator = Readonly<z.infer<typeof entrySchema>>;

const folderOf = (stateDir: string): string => join(stateDir, 'emulated');

/** Makes a running emulator known to other commands; returns what takes it back. */
export async function announce(
  stateDir: string,
  entry: RunningEmulator,
): Promise<() => Promise<void>> {
  const folder = folderOf(stateDir);
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${entry.pid}.json`);
  await writeFile(file, JSON.stringify(entry));
  return () => rm(file, { force: true });
}

/** Emulated boards that run now; what killed processes left behind is cleared away. */
export async function runningEmulators(stateDir: string): Promise<readonly RunningEmulator[]> {
  const folder = folderOf(stateDir);
  const names = await readdir(folder).catch(() => []);
  const found: RunningEmulator[] = [];
  for (const name of names.filter((file) => file.endsWith('.json')).sort()) {
    const entry = await readEntry(join(folder, name));
    if (entry !== undefined && isAlive(entry.pid)) found.push(entry);
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

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
