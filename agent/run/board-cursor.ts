import { readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { type Cursor, startCursor } from '../boards/results.ts';
import { makeFolder } from '../folder.ts';

const cursorSchema = z.object({ boots: z.int().min(0), seq: z.int().min(0) });

/**
 * Where reading a board's records goes on, kept across restarts of the agent. It is saved after the outbox has accepted
 * what was read: a crash in between repeats records, under the same ids, and loses none.
 */
export class CursorFile {
  readonly #path: string;

  constructor(stateDir: string, board: string) {
    this.#path = join(stateDir, 'boards', `${board}.cursor.json`);
  }

  async load(): Promise<Cursor> {
    const text = await readFile(this.#path, 'utf8').catch(() => '');
    try {
      return cursorSchema.parse(JSON.parse(text));
    } catch {
      return startCursor; // none yet, or damaged: reading from the oldest repeats, and loses nothing
    }
  }

  async save(cursor: Cursor): Promise<void> {
    await makeFolder(dirname(this.#path));
    await writeFile(`${this.#path}.part`, JSON.stringify(cursor));
    await rename(`${this.#path}.part`, this.#path);
  }
}
