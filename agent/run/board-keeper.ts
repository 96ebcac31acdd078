import type { BoardInfo } from '../../protocol/vendor.ts';
import { type Attached, attach } from '../attach/attach.ts';
import { systemTimers, type Timers } from '../audio/timers.ts';
import { reasonOf, UserError } from '../base/errors.ts';
import { isEmulatedId } from '../boards/emulated-id.ts';
import type { ConfiguredBoard } from '../config/load.ts';
import type { BoardContext } from '../firmware/context.ts';
import type { Publisher } from '../publish/publisher.ts';
import type { BoardLinkState } from '../smp/link.ts';
import { BoardFirmware, installedOf } from './board-firmware.ts';
import { BoardInference } from './board-inference.ts';
import type { BoardTotals } from './board-reporter.ts';
import { BoardStatus } from './board-status.ts';
import { Mailbox } from './mailbox.ts';
import type { NamedModel } from './network.ts';
import { persist } from './persist.ts';
import type { Screen, Task } from './screen.ts';
import type { WindowResult } from './window-result.ts';

/** What the keepers of all boards share. */
export interface KeepingOptions {
  readonly gateway: string;
  readonly publisher: Publisher;
  readonly log: Screen['log'];
  readonly task: Screen['task'];
  readonly now: () => number;
  /** ms that never jump. */
  readonly monotonic: () => number;
}

export interface KeeperOptions extends KeepingOptions {
  readonly board: ConfiguredBoard;
  readonly name: string;
  readonly context: BoardContext;
  /** What the board should run. */
  readonly network: NamedModel;
  /** The board has said what it is. */
  readonly onKnown: (core: string) => void;
  readonly sleep?: Timers['sleep'];
}

/** Between looks at a board that refused its network. */
const REFUSED_MS = 30_000;
/** Between looks at the results while nothing is to be sent. */
const IDLE_MS = 500;

/**
 * Keeps one board at work: brings the configured network to it when it runs another, feeds it the newest window, and
 * collects its records. After any failure of the board it starts over.
 */
export class BoardKeeper {
  readonly #options: KeeperOptions;
  readonly #windows = new Mailbox<WindowResult>();
  readonly #firmware: BoardFirmware;
  readonly #inference: BoardInference;
  readonly #status: BoardStatus;
  #link: 'up' | 'retrying' = 'retrying';
  #wake = new AbortController();
  #running: Promise<void> | undefined;
  #starting: Task | undefined;
  #farewell = 'the gateway has stopped';

  constructor(options: KeeperOptions) {
    const { network, name, context } = options;
    this.#options = options;
    this.#status = new BoardStatus({ ...options, board: name });
    this.#firmware = new BoardFirmware(options, network);
    this.#inference = new BoardInference({ ...options, board: name, stateDir: context.stateDir });
  }

  get #isEmulated(): boolean {
    return isEmulatedId(this.#options.board.id);
  }

  get name(): string {
    return this.#options.name;
  }

  /** Windows that the board had no time for. */
  get dropped(): number {
    return this.#windows.replaced;
  }

  /** As its status was last published. */
  get isOnline(): boolean {
    return this.#status.isOnline;
  }

  get totals(): BoardTotals {
    return this.#inference.totals;
  }

  start(signal: AbortSignal): void {
    this.#starting ??= this.#options.task(
      this.name,
      this.#isEmulated
        ? 'starting the emulated board (its firmware is built at the first start)'
        : 'looking for the board',
    );
    this.#running ??= this.#run(signal);
  }

  /** It is stopped alone, while other boards go on. */
  dismiss(): void {
    this.#farewell = 'it is no longer configured';
  }

  /** Resolves when the board is released, after its signal has aborted. */
  async stopped(): Promise<void> {
    await this.#running;
  }

  /** Offers a window; the board takes the newest when it has time. */
  offer(result: WindowResult): void {
    this.#windows.put(result);
  }

  /** Pushes a network (the configured one if none is named) at the next opportunity; says what will happen. */
  push(network: NamedModel = this.#firmware.network): string {
    this.#firmware.choose(network);
    this.#windows.wake();
    this.#wake.abort();
    const { metadata } = network.model;
    return `${metadata.name} will be pushed to ${this.name} unless it runs there already`;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { log, monotonic } = this.#options;
    const hold = async () => {
      while (!signal.aborted) await this.#hold(signal);
    };
    const onFailure = (reason: string, again: boolean): void => {
      if (!again) log(`${this.name}: ${reason}`);
      this.#status.publish({ state: 'offline', reason });
    };
    await persist(hold, { signal, onFailure, monotonic });
    this.#status.publish({ state: 'offline', reason: this.#farewell });
  }

  /** Attaches the board and serves it until what it needs is missing, and then for as long as that is worth no look. */
  async #hold(signal: AbortSignal): Promise<void> {
    const { board, context } = this.#options;
    const onState = (state: BoardLinkState) => this.#onLink(state);
    const framing = board.framing === undefined ? {} : { framing: board.framing };
    const attached = attach(board.id, context, signal, { onState, ...framing });
    try {
      for (;;) {
        const error = await this.#trouble(attached, signal);
        if (error === undefined) return;
        const { ended } = attached.board.link;
        this.#starting?.end();
        this.#status.trouble(error.line, ended ? 'stopped' : this.#link);
        await this.#rest(this.#status.pause(error.line, ended), signal);
        if (ended) return;
      }
    } finally {
      await attached
        .stop()
        .catch((error: unknown) => this.#options.log(`${this.name}: ${reasonOf(error)}`));
    }
  }

  /** Serves the board until something goes wrong; undefined when it is to be released. */
  async #trouble(attached: Attached, signal: AbortSignal): Promise<UserError | undefined> {
    try {
      await this.#serve(attached, signal);
    } catch (error) {
      if (signal.aborted) return undefined;
      if (error instanceof UserError) return error;
      // A full disk or a bug: no reason to stop serving this board, or anything else.
      return new UserError('internal', reasonOf(error), { cause: error });
    }
    return undefined;
  }

  /** Waits, unless a push is asked for or the board is there again. */
  async #rest(ms: number, signal: AbortSignal): Promise<void> {
    const either = AbortSignal.any([signal, this.#wake.signal]);
    const { sleep = systemTimers.sleep } = this.#options;
    await sleep(ms, either);
    this.#wake = new AbortController();
  }

  /** The network that the board should run. */
  get network(): NamedModel {
    return this.#firmware.network;
  }

  #onLink(state: BoardLinkState): void {
    this.#link = state.type === 'up' ? 'up' : 'retrying';
    if (state.type === 'up') this.#wake.abort();
    else {
      this.#starting?.end();
      this.#status.trouble(state.why, 'retrying');
    }
  }

  /** From "who are you" on, again and again, until something fails. */
  async #serve(attached: Attached, signal: AbortSignal): Promise<void> {
    for (;;) {
      const info = await attached.board.info(signal);
      if (info === undefined) {
        throw new UserError('board-foreign', `${this.name} speaks SMP but is no otolith board`, {
          hint: 'take it out of the configuration, or push an otolith image to it',
        });
      }
      this.#options.onKnown(info.core);
      this.#online(info);
      const app = await this.#firmware.bring(attached, info, signal);
      if (app === undefined) {
        await this.#rest(REFUSED_MS, signal);
        signal.throwIfAborted();
        continue;
      }
      this.#online(app);
      this.#status.say(`runs ${installedOf(app)}, feeding it`);
      await this.#feed(attached, signal);
    }
  }

  #online(info: BoardInfo): void {
    this.#starting?.end();
    const firmware = installedOf(info);
    this.#status.publish({ state: 'online', link: 'up', core: info.core, firmware });
  }

  /** Sends the newest window whenever the board is free, until it is reset or its network is to change. */
  async #feed(attached: Attached, signal: AbortSignal): Promise<void> {
    const { monotonic } = this.#options;
    const { network } = this.#firmware;
    while (this.#firmware.network === network && !signal.aborted) {
      const result = await this.#windows.take(IDLE_MS, signal);
      const begun = monotonic();
      const { rebooted } =
        result === undefined
          ? await this.#inference.collect(attached, network, signal)
          : await this.#inference.infer(attached, network, result, signal);
      this.#status.works();
      if (rebooted) return; // it may run something else now
      // An emulated board takes the gateway's own processor: half of one at most.
      if (result !== undefined && this.#isEmulated) {
        await this.#rest(monotonic() - begun, signal);
      }
    }
    await this.#inference.collect(attached, network, signal); // what lies in its RAM goes with the firmware
  }
}
