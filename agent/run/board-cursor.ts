import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { reasonOf } from '../base/errors.ts';
import { type Cursor, startCursor } from '../smp/results.ts';
import { writeStateFile } from './state-file.ts';

const cursorSchema = z.object({ boots: z.int().min(0), seq: z.int().min(0) });

/**
 * Where reading a board's records goes on, kept across restarts of the agent. It is saved after the outbox has accepted
 * what was read: a crash in between repeats records, under the same ids, and loses none. A disk that takes nothing does
 * no harm while the agent runs: the latest cursor stays in memory, and is written again with the next.
 */
export class CursorFile {
  readonly #path: string;
  readonly #log: (line: string) => void;
  #latest: Cursor | undefined;
  #failing = false;

  constructor(stateDir: string, board: string, log: (line: string) => void) {
    this.#path = join(stateDir, 'boards', `${board}.cursor.json`);
    this.#log = log;
  }

  async load(): Promise<Cursor> {
    this.#latest ??= await this.#read();
    return this.#latest;
  }

  async save(cursor: Cursor): Promise<void> {
    this.#latest = cursor;
    try {
      await writeStateFile(this.#path, JSON.stringify(cursor));
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) {
        const after = 'after a restart records that were read are read and sent again';
        this.#log(`cursor: ${reasonOf(error)}; kept in memory (${after})`);
      }
      this.#failing = true;
    }
  }

  async #read(): Promise<Cursor> {
    const text = await readFile(this.#path, 'utf8').catch((error: unknown) => {
      const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (!missing) this.#log(`cursor: ${reasonOf(error)}; reading from the oldest record`);
      return undefined;
    });
    if (text === undefined) return startCursor;
    try {
      return cursorSchema.parse(JSON.parse(text));
    } catch {
      this.#log(`cursor: ${this.#path} is damaged; reading from the oldest record`);
      return startCursor; // repeats, and loses nothing
    }
  }
}
