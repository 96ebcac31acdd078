import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { truncateSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BoardFile, emulatedOf, flashBytes } from '../../agent/boards/board-file.ts';
import { machineArguments } from '../../agent/emulator/qemu.ts';
import type { CborMap } from '../../protocol/cbor.ts';
import { ConsoleParser, encodeConsole } from '../../protocol/framing/console.ts';
import { decodePacket, encodePacket } from '../../protocol/smp/packet.ts';
import { VENDOR_GROUP, vendorCommand } from '../../protocol/vendor.ts';

/** Longest wait for one answer; an emulator beside other work may be slow. */
const ANSWER_MS = 1_500;
/** While a board may be starting: it hears nothing yet, and asking again costs nothing. */
const STARTING_MS = 200;
const TRIES = 20;
const STARTING_TRIES = 150;
const CHUNK = 2_000;

/** Writes a flash file as it leaves the factory: erased, the rest of the machine's memory sparse. */
export function newFlash(board: BoardFile, path: string, content?: Uint8Array): void {
  const bytes = Buffer.alloc(flashBytes(board), 0xff);
  if (content !== undefined) bytes.set(content, board.flash.slot0);
  writeFileSync(path, bytes);
  truncateSync(path, emulatedOf(board).memoryBytes);
}

/** One emulated board with its UART on the emulator's standard streams. */
export class EmulatedBoard {
  readonly #board: BoardFile;
  readonly #bootloader: string;
  readonly #flash: string;
  #child: ChildProcessWithoutNullStreams | undefined;
  #parser = new ConsoleParser(8192);
  #packets: Uint8Array[] = [];
  #arrived = () => {};
  #sequence = 0;

  constructor(board: BoardFile, bootloader: string, flash: string) {
    this.#board = board;
    this.#bootloader = bootloader;
    this.#flash = flash;
  }

  start(): void {
    this.#parser = new ConsoleParser(8192);
    const machine = { board: this.#board, bootloader: this.#bootloader, flash: this.#flash };
    this.#child = spawn('qemu-system-arm', machineArguments(machine, 'stdio'));
    this.#child.stdout.on('data', (chunk: Uint8Array) => {
      for (const event of this.#parser.push(chunk)) {
        if (event.type === 'packet') this.#packets.push(event.packet);
      }
      this.#arrived();
    });
    this.#child.stdin.on('error', () => {});
  }

  /** Cuts the power: SIGKILL, wherever the emulator is. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    const gone =
      child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
    child.kill('SIGKILL');
    await gone;
  }

  send(bytes: Uint8Array): void {
    this.#child?.stdin.write(bytes);
  }

  /** One request and its answer, asked again when none comes. */
  async ask(
    op: 0 | 2,
    group: number,
    command: number,
    body: CborMap = {},
    waitMs = ANSWER_MS,
  ): Promise<CborMap> {
    const tries = waitMs < ANSWER_MS ? STARTING_TRIES : TRIES;
    for (let attempt = 0; attempt < tries; attempt++) {
      this.#sequence = (this.#sequence + 1) % 256;
      const sequence = this.#sequence;
      this.send(encodeConsole(encodePacket({ version: 2, op, group, command, sequence }, body)));
      const answer = await this.#answer(sequence, waitMs);
      if (answer !== undefined) return answer;
    }
    throw new Error(`${this.#board.id} does not answer group ${group} command ${command}`);
  }

  async #answer(sequence: number, waitMs: number): Promise<CborMap | undefined> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#arrived();
    }, waitMs);
    try {
      return await this.#search(sequence, () => late);
    } finally {
      clearTimeout(timer);
    }
  }

  async #search(sequence: number, isLate: () => boolean): Promise<CborMap | undefined> {
    while (!isLate()) {
      for (const packet of this.#packets.splice(0)) {
        const decoded = decodePacket(packet);
        if (decoded.ok && decoded.value.header.sequence === sequence) return decoded.value.body;
      }
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
    return undefined;
  }

  /** Who it is; asked until the board has started. */
  info(): Promise<CborMap> {
    return this.ask(0, VENDOR_GROUP, vendorCommand.info, {}, STARTING_MS);
  }

  /** Uploads and returns the last answer; stops at the first refusal. */
  async upload(image: Uint8Array): Promise<CborMap> {
    let off = 0;
    for (;;) {
      const data = image.subarray(off, off + CHUNK);
      const first = off === 0 ? { len: image.length } : {};
      const answer = await this.ask(2, 1, 1, { off, data, ...first });
      if (typeof answer.off !== 'number' || answer.off >= image.length) return answer;
      off = answer.off;
    }
  }

  /** Resets by request and waits until the board answers again. */
  async reset(): Promise<CborMap> {
    await this.ask(2, 0, 5);
    await sleep(20);
    return this.info();
  }
}
