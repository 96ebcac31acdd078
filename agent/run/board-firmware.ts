import { toHex } from '../../protocol/bytes.ts';
import type { Payload } from '../../protocol/topics.ts';
import type { AppInfo, BoardInfo } from '../../protocol/vendor.ts';
import type { Attached } from '../attach/attach.ts';
import { UserError } from '../base/errors.ts';
import type { BoardContext } from '../firmware/context.ts';
import type { Model } from '../model/model.ts';
import type { Publisher } from '../publish/publisher.ts';
import { pushAttached } from '../push/push-job.ts';
import type { PushState } from '../push/push-machine.ts';
import { awayWords, stepWords } from '../push/push-words.ts';
import type { NamedModel } from './network.ts';
import type { Screen } from './screen.ts';

/** Firmware as people and Home Assistant see it: the model and the beginning of its hash. */
function firmwareName(model: string, hash: string): string {
  return model === '' ? 'none' : `${model} ${hash.slice(0, 8)}`;
}

/** What a board runs, for people. */
export function installedOf(info: BoardInfo): string {
  return info.mode === 'app' ? firmwareName(info.model, toHex(info.hash)) : 'none (recovery)';
}

export interface FirmwareOptions {
  readonly name: string;
  readonly context: BoardContext;
  readonly publisher: Publisher;
  readonly log: Screen['log'];
  readonly task: Screen['task'];
  readonly now: () => number;
}

/** Keeps the configured network on a board, and publishes how that goes. */
export class BoardFirmware {
  readonly #options: FirmwareOptions;
  /** A model that this board did not take: not pushed again unless someone asks. */
  #refused: string | undefined;
  #network: NamedModel;

  constructor(options: FirmwareOptions, network: NamedModel) {
    this.#options = options;
    this.#network = network;
  }

  /** The network that the board should run. */
  get network(): NamedModel {
    return this.#network;
  }

  /** Another network, or the same once more although the board refused it before. */
  choose(network: NamedModel): void {
    this.#network = network;
    this.#refused = undefined;
  }

  /** Brings the network to the board unless it runs there; undefined where that failed. */
  async bring(
    attached: Attached,
    info: BoardInfo,
    signal: AbortSignal,
  ): Promise<AppInfo | undefined> {
    if (!this.#runs(info) && this.#refused === this.#model.hash) return undefined;
    this.#publish(info, {});
    if (this.#runs(info)) return info;
    await this.#push(attached, info, signal);
    const after = await attached.board.info(signal);
    if (after === undefined || !this.#runs(after)) return undefined;
    this.#publish(after, {});
    return after;
  }

  get #model(): Model {
    return this.#network.model;
  }

  get #latest(): string {
    return firmwareName(this.#model.metadata.name, this.#model.hash);
  }

  #runs(info: BoardInfo): info is AppInfo {
    return info.mode === 'app' && toHex(info.hash) === this.#model.hash;
  }

  async #push(attached: Attached, info: BoardInfo, signal: AbortSignal): Promise<void> {
    const { context, name, task, now } = this.#options;
    const begun = now();
    const shown = task(name, `runs ${installedOf(info)}, pushing ${this.#latest}`);
    const publish = this.#progress(info);
    const job = {
      payload: { type: 'model', model: this.#model },
      dryRun: false,
      onStep: (state: PushState) => shown.update(`${this.#latest}: ${stepWords(state, true)}`),
      onProgress: (done: number, total: number) => {
        shown.update(`${this.#latest}: uploading`, done / total);
        publish(done, total);
      },
      onAway: (seconds: number) => shown.update(`${this.#latest}: ${awayWords(seconds)}`),
    } as const;
    try {
      const { result, imageBytes } = await pushAttached(attached, context, job, signal);
      const seconds = Math.round((now() - begun) / 1000);
      const what = `${Math.round(imageBytes / 1000)} KB in ${seconds} s`;
      if (result?.step === 'done') {
        shown.end(`${name}: ${this.#latest} pushed, tested and confirmed (${what})`, 'good');
      } else shown.end();
      if (result?.step === 'failed') this.#refuse(info, result.why);
    } catch (error) {
      shown.end();
      if (signal.aborted || !(error instanceof UserError)) throw error;
      this.#refuse(info, error.line);
    }
  }

  #refuse(info: BoardInfo, why: string): void {
    const { log, name } = this.#options;
    this.#refused = this.#model.hash;
    log(`${name}: ${why}; not tried again until the next start or a push command`, 'bad');
    this.#publish(info, { error: why });
  }

  /** Publishes every tenth part once. */
  #progress(info: BoardInfo): (done: number, total: number) => void {
    let last = -1;
    return (done, total) => {
      const tenth = Math.floor((10 * done) / total);
      if (tenth !== last) this.#publish(info, { percent: 10 * tenth });
      last = tenth;
    };
  }

  #publish(
    info: BoardInfo,
    { percent, error }: { readonly percent?: number; readonly error?: string },
  ): void {
    const { publisher, now, name } = this.#options;
    const payload: Payload<'board/{board}/firmware'> = {
      at: new Date(now()).toISOString(),
      installed_version: installedOf(info),
      latest_version: this.#latest,
      in_progress: percent !== undefined,
      update_percentage: percent ?? null,
      network: this.#network.name,
      ...(error === undefined ? {} : { error }),
    };
    publisher.state('board/{board}/firmware', payload, { board: name });
  }
}
