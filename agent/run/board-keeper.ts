import { setTimeout as sleep } from 'node:timers/promises';
import type { NetworkKind, Payload } from '../../protocol/topics.ts';
import { type Attached, attach } from '../boards/attach.ts';
import type { LinkState } from '../boards/link.ts';
import type { BoardSite } from '../boards/site.ts';
import type { ConfiguredBoard } from '../config/load.ts';
import { UserError } from '../errors.ts';
import type { Publisher } from '../publish/publisher.ts';
import { BoardFirmware, installedOf } from './board-firmware.ts';
import { BoardInference } from './board-inference.ts';
import type { Heard } from './listener.ts';
import { Mailbox } from './mailbox.ts';
import { type Networks, networkOf } from './networks.ts';

export interface KeeperOptions {
  readonly board: ConfiguredBoard;
  readonly name: string;
  readonly gateway: string;
  readonly site: BoardSite;
  readonly networks: Networks;
  /** The network of boards that are configured for the best. */
  readonly best: NetworkKind;
  readonly publisher: Publisher;
  /** The board has said what it is. */
  readonly onKnown: (core: string) => void;
  readonly log: (line: string) => void;
  readonly now: () => number;
}

/** Asking a silent board again after this long. */
const RETRY_MS = 2000;
/** Between looks at the results while nothing is to be sent. */
const IDLE_MS = 500;

/**
 * Keeps one board at work: brings the configured network to it when it runs another, feeds it the newest window, and
 * collects its records. Whatever happens to the board, it starts over and goes on.
 */
export class BoardKeeper {
  readonly #options: KeeperOptions;
  readonly #windows = new Mailbox<Heard>();
  readonly #firmware: BoardFirmware;
  readonly #inference: BoardInference;
  #trouble: string | undefined;
  #running: Promise<void> | undefined;

  constructor(options: KeeperOptions) {
    const { board, best, name, site } = options;
    this.#options = options;
    this.#firmware = new BoardFirmware(options, board.network === 'best' ? best : board.network);
    this.#inference = new BoardInference({ ...options, board: name, stateDir: site.stateDir });
  }

  get name(): string {
    return this.#options.name;
  }

  /** Windows that the board had no time for. */
  get dropped(): number {
    return this.#windows.replaced;
  }

  start(signal: AbortSignal): void {
    this.#running ??= this.#run(signal);
  }

  /** Resolves when the board is let go, after its signal has aborted. */
  async stopped(): Promise<void> {
    await this.#running;
  }

  /** Offers a window; the board takes the newest when it has time. */
  offer(heard: Heard): void {
    this.#windows.put(heard);
  }

  /** Pushes a network (the configured one if none is named) at the next opportunity; says what will happen. */
  push(kind: NetworkKind = this.#firmware.kind): string {
    this.#firmware.choose(kind);
    this.#windows.wake();
    const { metadata } = networkOf(this.#options.networks, kind).model;
    return `${metadata.name} will be pushed to ${this.name} unless it runs there already`;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { board, site, log } = this.#options;
    const onState = (state: LinkState) => this.#onLink(state);
    const attached = attach(board.id, site, signal, {
      onState,
      ...(board.framing === undefined ? {} : { framing: board.framing }),
    });
    try {
      while (!signal.aborted) {
        try {
          await this.#serve(attached, signal);
        } catch (error) {
          if (signal.aborted) break;
          if (!(error instanceof UserError)) throw error;
          log(`${this.name}: ${error.line}`);
          this.#tell('offline', { reason: error.line });
          await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
        }
      }
    } finally {
      await attached.stop();
      this.#tell('offline', { reason: 'the gateway has stopped' });
    }
  }

  /** Attempts to reopen fail for the same reason again and again: it is told once. */
  #onLink(state: LinkState): void {
    const trouble = state.type === 'up' ? undefined : state.why;
    const known = trouble === this.#trouble;
    this.#trouble = trouble;
    if (trouble === undefined || known) return;
    this.#options.log(`${this.name}: ${trouble}`);
    this.#tell('offline', { reason: trouble });
  }

  /** From "who are you" on, again and again, until something fails. */
  async #serve(attached: Attached, signal: AbortSignal): Promise<void> {
    for (;;) {
      const info = await attached.board.info(signal);
      if (info === undefined) {
        throw new UserError('board-foreign', `${this.name} speaks SMP but is no otolith board`, {
          mend: 'take it out of the configuration, or push an otolith image to it',
        });
      }
      this.#options.onKnown(info.core);
      this.#tell('online', { core: info.core, firmware: installedOf(info) });
      const app = await this.#firmware.bring(attached, info, signal);
      if (app === undefined) {
        await sleep(RETRY_MS, undefined, { signal });
        continue;
      }
      this.#tell('online', { core: app.core, firmware: installedOf(app) });
      this.#options.log(`${this.name}: runs ${installedOf(app)}, feeding it`);
      await this.#feed(attached, signal);
    }
  }

  /** Sends the newest window whenever the board is free, until it is reset or its network is to change. */
  async #feed(attached: Attached, signal: AbortSignal): Promise<void> {
    const { kind } = this.#firmware;
    while (this.#firmware.kind === kind && !signal.aborted) {
      const heard = await this.#windows.take(IDLE_MS, signal);
      const { rebooted } =
        heard === undefined
          ? await this.#inference.collect(attached, kind, signal)
          : await this.#inference.infer(attached, kind, heard, signal);
      if (rebooted) return; // it may run something else now
    }
    await this.#inference.collect(attached, kind, signal); // what lies in its RAM goes with the firmware
  }

  #tell(
    state: Payload<'board/{board}/status'>['state'],
    more: Omit<Payload<'board/{board}/status'>, 'state' | 'at'>,
  ): void {
    const at = new Date(this.#options.now()).toISOString();
    const payload = { state, at, ...more };
    this.#options.publisher.state('board/{board}/status', payload, { board: this.name });
  }
}
