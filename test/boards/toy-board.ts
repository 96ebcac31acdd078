import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { packageRoot } from '../../agent/base/root.ts';
import { type BoardFile, readBoardFile } from '../../agent/boards/board-file.ts';
import { concat } from '../../protocol/bytes.ts';
import { EmulatedBoard } from './emulated-board.ts';
import { buildApplication, buildBootloader } from './firmware-files.ts';
import { imageFor } from './images.ts';
import { newSigner, pseudoRandom } from './signing.ts';

/** An emulated board around the toy network, while a file of tests runs. */
export class ToyBoard {
  readonly kind: BoardFile;
  readonly signer = newSigner();
  #folder = '';
  #board: EmulatedBoard | undefined;
  #body: Uint8Array = new Uint8Array();

  readonly #bodyBytes: number;

  /** @param bodyBytes at least so long is its program, as a firmware with a network is */
  constructor(id: string, bodyBytes: number) {
    this.kind = readBoardFile(packageRoot, id);
    this.#bodyBytes = bodyBytes;
  }

  /** Builds its bootloader, which trusts a key of its own, and the body of its images. */
  async make(): Promise<void> {
    this.#folder = mkdtempSync(join(tmpdir(), 'otolith-toy-board-'));
    const bootloader = await buildBootloader(this.kind, this.signer.publicKey);
    this.#board = new EmulatedBoard(this.kind, bootloader, this.flash);
    const program = await buildApplication(this.kind, 'toy-model');
    const rest = pseudoRandom(Math.max(0, this.#bodyBytes - program.length), 3);
    this.#body = concat([program, rest]);
  }

  /** Path of its flash file. */
  get flash(): string {
    return join(this.#folder, 'flash');
  }

  get board(): EmulatedBoard {
    if (this.#board === undefined) throw new Error('a toy board is made before any test runs');
    return this.#board;
  }

  /** What it runs, from the vector table on. */
  get body(): Uint8Array {
    return this.#body;
  }

  /** A good image of version 1.<counter>.0. */
  image(counter: number): Uint8Array {
    return imageFor(this.kind, this.#body, counter, this.signer);
  }

  async unmake(): Promise<void> {
    await this.#board?.kill();
    rmSync(this.#folder, { recursive: true });
  }
}

/** A toy board for the tests of this file. */
export function useToyBoard(id: string, bodyBytes = 0): ToyBoard {
  const toy = new ToyBoard(id, bodyBytes);
  beforeAll(() => toy.make());
  afterAll(() => toy.unmake());
  return toy;
}
