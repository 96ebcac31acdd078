import type { ReceivedCommand } from '../../protocol/commands.ts';
import { reasonOf } from '../base/errors.ts';
import { VERSION } from '../base/version.ts';
import { boardName } from '../config/board-name.ts';
import type { ResolvedConfig } from '../config/load.ts';
import { aborted } from '../publish/pause.ts';
import { type Clocks, type OpenSource, openSource } from './audio-pipeline.ts';
import { bestOf } from './best.ts';
import type { WantedBoard } from './boards.ts';
import { Closing, within } from './closing.ts';
import { carryOut } from './commands.ts';
import {
  isSameSet,
  loadSet,
  type NetworkSet,
  networksLine,
  prepareNetworks,
} from './load-networks.ts';
import { longestWindow, type Network, precisionOf } from './network.ts';
import { followedBy } from './network-demands.ts';
import { openParts, type Parts, STOP_MS } from './parts.ts';
import { type Signs, signsOf } from './progress.ts';
import { accuracyNote, publishMetrics } from './publish-metrics.ts';
import type { Screen } from './screen.ts';
import { hear } from './sound.ts';
import { statusLine } from './status-line.ts';
import { summaryFacts, summaryLines } from './summary.ts';

/** How often counters, latency, energy and accuracy are published. */
const METRICS_MS = 10_000;
/** What can be changed only by a restart. */
const FIXED = ['gateway', 'mqtt'] as const;

/** What a gateway needs of the world, beside its configuration. */
export interface GatewayOptions extends Screen, Clocks {
  /** Default: microphone or clips, as configured. */
  readonly openSource?: OpenSource;
}

/** The whole gateway: audio to networks to broker, and whatever goes wrong on the way. */
export class Gateway {
  readonly #options: GatewayOptions;
  #config: ResolvedConfig;
  #parts: Parts | undefined;
  /** The same, for what they have counted after they have stopped. */
  #counted: Parts | undefined;
  #set: NetworkSet = { networks: [], pairs: [] };
  #replies = 0;

  constructor(config: ResolvedConfig, options: GatewayOptions) {
    this.#config = config;
    this.#options = options;
  }

  /** Windows so far. */
  get windows(): number {
    return this.#counted?.metrics.windows ?? 0;
  }

  /** What the run has come to, a line for each thing; none where it has not come to listening. */
  get summary(): readonly string[] {
    return this.#counted === undefined ? [] : summaryLines(this.#counted);
  }

  /** The same as values; undefined where it has not come to listening. */
  get summaryFacts(): ReturnType<typeof summaryFacts> | undefined {
    return this.#counted === undefined ? undefined : summaryFacts(this.#counted);
  }

  /** How it is now, in one line. */
  get status(): string {
    return this.#parts === undefined ? 'closing' : statusLine(this.#parts);
  }

  /** What shows whether it makes progress, while it runs. */
  get signs(): Signs | undefined {
    return this.#parts === undefined ? undefined : signsOf(this.#parts);
  }

  /**
   * Starts everything and listens until the audio ends or the signal aborts; then drains and stops. Resolves to whether all
   * of it has ended: what has not is logged, and may keep the process alive.
   */
  async run(signal: AbortSignal, onReady: () => void): Promise<boolean> {
    const opened = new Closing(this.#options.log);
    let inTime = true;
    try {
      const parts = await this.#open(opened, signal);
      this.#announce(parts);
      const timer = setInterval(() => this.#publishMetrics(parts), METRICS_MS);
      opened.add('metrics', STOP_MS.audio, async () => clearInterval(timer));
      onReady();
      inTime = await this.#hear(parts, signal);
      this.#publishMetrics(parts);
    } finally {
      this.#parts = undefined;
      if (!(await opened.close())) inTime = false;
    }
    return inTime;
  }

  /**
   * Takes another configuration while running, and names what needs a restart. One call after the other.
   * @throws UserError where its networks cannot run; then everything stays as it was
   */
  async reload(config: ResolvedConfig, signal: AbortSignal): Promise<void> {
    const parts = this.#parts;
    if (parts === undefined) return;
    const { log } = this.#options;
    const old = this.#config;
    const changed = (key: keyof ResolvedConfig) =>
      JSON.stringify(old[key]) !== JSON.stringify(config[key]);
    const restart = FIXED.filter(changed);
    const set = await loadSet(config, this.#set.networks, signal, log);
    if (restart.length > 0) log(`reload: ${restart.join(', ')} changed, which takes a restart`);
    this.#config = { ...config, gateway: old.gateway, mqtt: old.mqtt };
    if (!isSameSet(set, this.#set)) log(networksLine(set));
    this.#takeNetworks(set, parts);
    parts.pipeline.reload({ audio: config.audio, windowSamples: longestWindow(set.networks) });
    this.#announce(parts);
    await parts.boards.keep(this.#wantedBoards(), set.networks);
    log('reload: done');
  }

  /** From now on windows are classified by these; what was counted with networks that are gone is forgotten. */
  #takeNetworks(set: NetworkSet, { classifier, comparer, detector, metrics }: Parts): void {
    const gone = this.#set.networks.filter((network) => !set.networks.includes(network));
    const names = new Set(gone.map(({ name }) => name));
    this.#set = set;
    classifier.reload(set.networks);
    comparer.reload(set.pairs, names);
    metrics.forget(names);
    detector.reload(this.#config.detection, followedBy(this.#config, set.networks));
  }

  async #open(opened: Closing, signal: AbortSignal): Promise<Parts> {
    const config = this.#config;
    this.#set = await prepareNetworks(config, signal, this.#options);
    const parts = await openParts(config, this.#set, opened, {
      openSource,
      ...this.#options,
      onCommand: (received) => this.#onCommand(received),
    });
    this.#parts = parts;
    this.#counted = parts;
    await parts.boards.keep(this.#wantedBoards(), this.#set.networks);
    return parts;
  }

  /** False when the audio goes on after the signal, as where its last window cannot be handed on. */
  async #hear(parts: Parts, signal: AbortSignal): Promise<boolean> {
    const hearing = hear(parts, signal);
    await Promise.race([hearing, aborted(signal)]);
    const ended = await within(hearing, STOP_MS.audio);
    if (!ended) this.#options.log('stopping: the audio did not end in time and is left');
    return ended;
  }

  /** The configured boards, each with the network that it should run. */
  #wantedBoards(): readonly WantedBoard[] {
    const { networks } = this.#set;
    const { boards } = this.#config;
    const best = bestOf(networks);
    if (boards.some(({ network }) => network === 'best')) this.#options.log(best.line);
    return boards.map((board) => {
      const named = networks.find(({ name }) => name === board.network);
      return { board, network: named ?? best.network };
    });
  }

  #announce({ publisher, announcer }: Parts): void {
    const { networks, pairs } = this.#set;
    const names = networks.map(({ name }) => name);
    announcer?.gateway({ networks: names, pairs }, this.#config.boards.map(boardName));
    publisher.state('firmware', {
      at: this.#at,
      version: VERSION,
      networks: Object.fromEntries(networks.map((network) => [network.name, firmwareOf(network)])),
    });
  }

  #publishMetrics(parts: Parts): void {
    publishMetrics(parts, this.#at, accuracyNote(this.#config.audio));
  }

  get #at(): string {
    return new Date(this.#options.now()).toISOString();
  }

  /** Carries out a command and says on `reply` how that went. */
  #onCommand(received: ReceivedCommand): void {
    const { log, now } = this.#options;
    const parts = this.#parts;
    if (parts === undefined) return;
    const command = received.kind === 'ok' ? received.command.name : received.name;
    const { ok, message } = carryOut(received, { ...parts, networks: this.#set.networks });
    log(`${command}: ${message}`);
    const id = `${this.#config.gateway.name}:reply:${now().toString(36)}-${this.#replies++}`;
    parts.publisher
      .event('reply', { id, at: this.#at, command, ok, message })
      .catch((error: unknown) => log(`command: ${reasonOf(error)}`));
  }
}

function firmwareOf(network: Network) {
  const { model } = network;
  return { model: model.metadata.name, precision: precisionOf(network), hash: model.hash };
}
