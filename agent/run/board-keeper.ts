import { setTimeout as sleep } from 'node:timers/promises';
import { toHex } from '../../protocol/bytes.ts';
import type { NetworkKind, Payload } from '../../protocol/topics.ts';
import type { AppInfo, BoardInfo } from '../../protocol/vendor.ts';
import { type Attached, attach, type BoardSite } from '../boards/attach.ts';
import { sendWindow } from '../boards/audio.ts';
import type { LinkState } from '../boards/link.ts';
import { pushAttached } from '../boards/push-job.ts';
import { readResults } from '../boards/results.ts';
import type { Config } from '../config/schema.ts';
import { UserError } from '../errors.ts';
import type { Model } from '../model/model.ts';
import type { Publisher } from '../publish/publisher.ts';
import { CursorFile } from './board-cursor.ts';
import { BoardReporter, type Sent } from './board-reporter.ts';
import type { Heard } from './listener.ts';
import { Mailbox } from './mailbox.ts';
import type { Networks } from './networks.ts';

export interface KeeperOptions {
  readonly board: Config['boards'][number];
  readonly name: string;
  readonly gateway: string;
  readonly site: BoardSite;
  readonly networks: Networks;
  /** Version of the firmware images that are pushed. */
  readonly release: string;
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
const POLL_MS = 150;
/** A slow board's inference, with a wide margin. */
const RESULT_TIMEOUT_MS = 60_000;
/** Windows whose scores are remembered, to hold the board's against. */
const REMEMBERED = 64;
/** Window numbers from 2^31 on are those of a board's own microphone (VENDOR.md, results). */
const WINDOW_NUMBERS = 2 ** 31;

/** Name of a board in topics: the configured one, or one made from its id. */
export function boardName({ id, name }: Config['boards'][number]): string {
  return (
    name ??
    id
      .replace(/^\/dev\/serial\/by-id\//, '')
      .toLowerCase()
      .replaceAll(/[^a-z0-9_-]+/g, '-')
  );
}

/** Firmware as people and Home Assistant see it: the model and the beginning of its hash. */
export function firmwareName(model: string, hash: string): string {
  return model === '' ? 'none' : `${model} ${hash.slice(0, 8)}`;
}

/** `best`: the more accurate by its card, the one with the smaller file where they tie or a card says nothing. */
export function chooseKind(
  wanted: Config['boards'][number]['network'],
  networks: Networks,
): NetworkKind {
  if (wanted !== 'best') return wanted;
  const score = ({ metadata }: Model) => metadata.metrics?.accuracy ?? 0;
  const bytes = ({ tensors }: Model) =>
    [...tensors.values()].reduce((n, t) => n + t.data.byteLength, 0);
  const [int8, xnor] = [networks.int8.model, networks.xnor.model];
  if (score(int8) !== score(xnor)) return score(int8) > score(xnor) ? 'int8' : 'xnor';
  return bytes(int8) <= bytes(xnor) ? 'int8' : 'xnor';
}

/**
 * Keeps one board at work: brings the configured network to it when it runs another, feeds it the newest window, and
 * collects its records by cursor. Whatever happens to the board, it starts over and goes on.
 */
export class BoardKeeper {
  readonly #options: KeeperOptions;
  readonly #windows = new Mailbox<Heard>();
  readonly #sent = new Map<number, Sent>();
  readonly #cursor: CursorFile;
  readonly #reporter: BoardReporter;
  #kind: NetworkKind;
  #number: number;
  #attached: Attached | undefined;
  /** A model that this board did not take: not pushed again unless someone asks. */
  #refused: string | undefined;
  #trouble: string | undefined;
  #running: Promise<void> | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#kind = chooseKind(options.board.network, options.networks);
    this.#cursor = new CursorFile(options.site.stateDir, options.name);
    this.#reporter = new BoardReporter({ ...options, board: options.name });
    this.#number = Math.floor(options.now() / 1000) % WINDOW_NUMBERS;
  }

  get name(): string {
    return this.#options.name;
  }

  /** Windows that the board had no time for. */
  get dropped(): number {
    return this.#windows.replaced;
  }

  get equality(): BoardReporter['equality'] {
    return this.#reporter.equality;
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

  /** Pushes a network (the configured one if none is named) at the next opportunity. */
  push(kind: NetworkKind | undefined): string {
    this.#kind = kind ?? this.#kind;
    this.#refused = undefined;
    this.#windows.wake();
    const { metadata } = this.#network.model;
    return `${metadata.name} will be pushed to ${this.name} unless it runs there already`;
  }

  get #network() {
    return this.#options.networks[this.#kind];
  }

  get #latest(): string {
    const { model } = this.#network;
    return firmwareName(model.metadata.name, model.hash);
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { board, site, log } = this.#options;
    this.#attached = attach(board.id, site, signal, {
      onState: (state) => this.#onLink(state),
    });
    try {
      while (!signal.aborted) {
        try {
          await this.#serve(this.#attached, signal);
        } catch (error) {
          if (signal.aborted) break;
          if (!(error instanceof UserError)) throw error;
          log(`${this.name}: ${error.line}`);
          this.#tellStatus('offline', { reason: error.line });
          await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
        }
      }
    } finally {
      await this.#attached.stop();
      this.#tellStatus('offline', { reason: 'the gateway has stopped' });
    }
  }

  #onLink(state: LinkState): void {
    const trouble = state.type === 'up' ? undefined : state.why;
    const known = trouble === this.#trouble;
    this.#trouble = trouble;
    if (trouble === undefined || known) return; // attempts to reopen fail for the same reason again and again
    this.#options.log(`${this.name}: ${trouble}`);
    this.#tellStatus('offline', { reason: trouble });
  }

  /** From "who are you" until something fails. */
  async #serve(attached: Attached, signal: AbortSignal): Promise<void> {
    for (;;) {
      const info = await attached.board.info(signal);
      if (info === undefined) {
        throw new UserError('board-foreign', `${this.name} speaks SMP but is no otolith board`, {
          mend: 'take it out of the configuration, or push an otolith image to it',
        });
      }
      const app = await this.#upToDate(attached, info, signal);
      if (app === undefined) await sleep(RETRY_MS, undefined, { signal });
      else await this.#feed(attached, app, signal);
    }
  }

  /** Makes the board run the configured network; undefined while it runs something that cannot be fed. */
  async #upToDate(
    attached: Attached,
    info: BoardInfo,
    signal: AbortSignal,
  ): Promise<AppInfo | undefined> {
    const { hash } = this.#network.model;
    const runs = (who: BoardInfo): who is AppInfo => who.mode === 'app' && toHex(who.hash) === hash;
    this.#options.onKnown(info.core);
    this.#tellStatus('online', { core: info.core, firmware: installedOf(info) });
    this.#tellFirmware(info, {});
    if (runs(info)) return info;
    if (this.#refused === hash) return undefined;
    await this.#push(attached, info, signal);
    const after = await attached.board.info(signal);
    if (after === undefined) return undefined;
    this.#tellStatus('online', { core: after.core, firmware: installedOf(after) });
    if (!runs(after)) return undefined;
    this.#tellFirmware(after, {});
    return after;
  }

  async #push(attached: Attached, info: BoardInfo, signal: AbortSignal): Promise<void> {
    const { site, release, log } = this.#options;
    const { model } = this.#network;
    log(`${this.name}: runs ${installedOf(info)}, pushing ${this.#latest}`);
    let tenth = -1;
    const fail = (why: string) => {
      this.#refused = model.hash;
      log(`${this.name}: ${why}; not tried again until the next start or a push command`);
      this.#tellFirmware(info, { error: why });
    };
    try {
      const report = await pushAttached(
        attached,
        site,
        {
          payload: { type: 'model', model },
          release,
          dryRun: false,
          onStep: ({ step }) => log(`${this.name}: push, ${step}`),
          onProgress: (done, total) => {
            const percent = Math.floor((100 * done) / total);
            if (Math.floor(percent / 10) === tenth) return;
            tenth = Math.floor(percent / 10);
            this.#tellFirmware(info, { percent });
          },
        },
        signal,
      );
      if (report.result?.step === 'failed') fail(report.result.why);
    } catch (error) {
      if (signal.aborted || !(error instanceof UserError)) throw error;
      fail(error.line);
    }
  }

  /** Sends the newest window whenever the board is free, and reads what it found, until its network is to change. */
  async #feed(attached: Attached, info: AppInfo, signal: AbortSignal): Promise<void> {
    const kind = this.#kind;
    this.#options.log(`${this.name}: runs ${installedOf(info)}, feeding it`);
    while (this.#kind === kind && !signal.aborted) {
      const heard = await this.#windows.take(IDLE_MS, signal);
      if (signal.aborted) return;
      const { rebooted } =
        heard === undefined
          ? await this.#collect(attached, kind, signal)
          : await this.#infer(attached, kind, heard, signal);
      if (rebooted) return; // it may run something else now
    }
    await this.#collect(attached, kind, signal); // what lies in its RAM goes with the firmware
  }

  async #infer(attached: Attached, kind: NetworkKind, heard: Heard, signal: AbortSignal) {
    const next = () => this.#next(heard);
    const number = await sendWindow(attached.board, next, heard.window.samples, signal);
    return this.#await(attached, kind, number, signal);
  }

  #next(heard: Heard): number {
    this.#number = (this.#number + 1) % WINDOW_NUMBERS;
    const scores = {
      int8: heard.judged.int8.classification.scores,
      xnor: heard.judged.xnor.classification.scores,
    };
    this.#sent.set(this.#number, { window: heard.id, at: heard.window.at, scores });
    const [oldest] = this.#sent.keys();
    if (this.#sent.size > REMEMBERED && oldest !== undefined) this.#sent.delete(oldest);
    return this.#number;
  }

  /** Reads until the record of a window has come. */
  async #await(
    attached: Attached,
    kind: NetworkKind,
    number: number,
    signal: AbortSignal,
  ): Promise<{ readonly rebooted: boolean }> {
    const deadline = AbortSignal.timeout(RESULT_TIMEOUT_MS);
    while (!deadline.aborted) {
      const { found, rebooted } = await this.#collect(attached, kind, signal, number);
      if (found || rebooted) return { rebooted };
      await sleep(POLL_MS, undefined, { signal });
    }
    throw new UserError('board-silent', `${this.name} gave no result within a minute`);
  }

  async #collect(
    attached: Attached,
    kind: NetworkKind,
    signal: AbortSignal,
    number?: number,
  ): Promise<{ readonly found: boolean; readonly rebooted: boolean }> {
    let found = false;
    let rebooted = false;
    for (;;) {
      const cursor = await this.#cursor.load();
      const reading = await readResults(attached.board, cursor, signal);
      rebooted ||= reading.rebooted;
      if (reading.rebooted) {
        this.#options.log(`${this.name}: was reset (${reading.reset})`);
      }
      await this.#reporter.report(reading, kind, this.#network, (win) => this.#sent.get(win));
      found ||= reading.records.some((record) => record.win === number);
      const moved = reading.next.boots !== cursor.boots || reading.next.seq !== cursor.seq;
      if (moved) await this.#cursor.save(reading.next);
      if (reading.records.length === 0) return { found, rebooted };
    }
  }

  #tellStatus(
    state: Payload<'board/{board}/status'>['state'],
    more: Omit<Payload<'board/{board}/status'>, 'state' | 'at'>,
  ): void {
    const at = new Date(this.#options.now()).toISOString();
    const payload = { state, at, ...more };
    this.#options.publisher.state('board/{board}/status', payload, { board: this.name });
  }

  #tellFirmware(
    info: BoardInfo,
    { percent, error }: { readonly percent?: number; readonly error?: string },
  ): void {
    const payload: Payload<'board/{board}/firmware'> = {
      at: new Date(this.#options.now()).toISOString(),
      installed_version: installedOf(info),
      latest_version: this.#latest,
      in_progress: percent !== undefined,
      update_percentage: percent ?? null,
      network: this.#kind,
      ...(error === undefined ? {} : { error }),
    };
    this.#options.publisher.state('board/{board}/firmware', payload, { board: this.name });
  }
}

function installedOf(info: BoardInfo): string {
  return info.mode === 'app' ? firmwareName(info.model, toHex(info.hash)) : 'none (recovery)';
}
