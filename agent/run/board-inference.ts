import { setTimeout as sleep } from 'node:timers/promises';
import type { Attached } from '../attach/attach.ts';
import { UserError } from '../base/errors.ts';
import { sendWindow } from '../smp/audio.ts';
import { readResults } from '../smp/results.ts';
import { CursorFile } from './board-cursor.ts';
import {
  BoardReporter,
  type BoardTotals,
  type ReporterOptions,
  type Sent,
} from './board-reporter.ts';
import type { NamedModel } from './network.ts';
import type { WindowResult } from './window-result.ts';

const POLL_MS = 150;
/** A slow board's inference, with a wide margin. */
const RESULT_TIMEOUT_MS = 60_000;
/** Windows whose scores are remembered, to hold the board's against. */
const REMEMBERED = 64;
/** Window numbers from 2^31 on are those of a board's own microphone (VENDOR.md, results). */
const WINDOW_NUMBERS = 2 ** 31;

export interface InferenceOptions extends ReporterOptions {
  readonly stateDir: string;
}

/** What reading results brought to light. */
export interface Collected {
  /** The record that was waited for has come. */
  readonly found: boolean;
  /** The board was reset: it may run something else now. */
  readonly rebooted: boolean;
}

/** Sends windows to a board and collects its records by cursor, which survives restarts of either. */
export class BoardInference {
  readonly #options: InferenceOptions;
  readonly #sent = new Map<number, Sent>();
  readonly #cursor: CursorFile;
  readonly #reporter: BoardReporter;
  #number: number;

  constructor(options: InferenceOptions) {
    this.#options = options;
    this.#cursor = new CursorFile(options.stateDir, options.board, (line) =>
      options.log(`${options.board}: ${line}`),
    );
    this.#reporter = new BoardReporter(options);
    this.#number = Math.floor(options.now() / 1000) % WINDOW_NUMBERS;
  }

  get totals(): BoardTotals {
    return this.#reporter.totals;
  }

  /**
   * Sends one window and waits for its record; publishes everything that is read meanwhile. A window that this network
   * has not classified here, as just after it has become the board's, is left out.
   */
  async infer(
    attached: Attached,
    network: NamedModel,
    result: WindowResult,
    signal: AbortSignal,
  ): Promise<Collected> {
    const ours = result.results.find((each) => each.network === network);
    if (ours === undefined) return this.collect(attached, network, signal);
    const { scores } = ours.classification;
    const sent: Sent = { window: result.id, at: result.window.at, network, scores };
    const next = () => this.#next(sent);
    const number = await sendWindow(attached.board, next, ours.samples, signal);
    const deadline = AbortSignal.timeout(RESULT_TIMEOUT_MS);
    while (!deadline.aborted) {
      const collected = await this.collect(attached, network, signal, number);
      if (collected.found || collected.rebooted) return collected;
      await sleep(POLL_MS, undefined, { signal });
    }
    throw new UserError('board-silent', `${this.#options.board} gave no result within a minute`);
  }

  /** Reads and publishes all records that there are. */
  async collect(
    attached: Attached,
    network: NamedModel,
    signal: AbortSignal,
    number?: number,
  ): Promise<Collected> {
    const { log, board } = this.#options;
    let found = false;
    let rebooted = false;
    for (;;) {
      const cursor = await this.#cursor.load();
      const reading = await readResults(attached.board, cursor, signal);
      if (reading.rebooted) log(`${board}: was reset (${reading.reset})`);
      rebooted ||= reading.rebooted;
      await this.#reporter.report(reading, network, (win) => this.#sent.get(win));
      found ||= reading.records.some((record) => record.win === number);
      const moved = reading.next.boots !== cursor.boots || reading.next.seq !== cursor.seq;
      if (moved) await this.#cursor.save(reading.next);
      if (reading.records.length === 0) return { found, rebooted };
    }
  }

  #next(sent: Sent): number {
    this.#number = (this.#number + 1) % WINDOW_NUMBERS;
    this.#sent.set(this.#number, sent);
    const [oldest] = this.#sent.keys();
    if (this.#sent.size > REMEMBERED && oldest !== undefined) this.#sent.delete(oldest);
    return this.#number;
  }
}
