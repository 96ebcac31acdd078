import { join } from 'node:path';
import type { ReceivedCommand } from '../../protocol/commands.ts';
import type { NetworkKind } from '../../protocol/topics.ts';
import type { AudioEvent } from '../audio/source.ts';
import type { Window } from '../audio/windows.ts';
import type { Detection, ResolvedConfig } from '../config/load.ts';
import { reasonOf } from '../errors.ts';
import { loadSecrets } from '../publish/credentials.ts';
import { discoverBoard, discoverGateway, type GatewayIdentity } from '../publish/home-assistant.ts';
import { Mosquitto } from '../publish/mosquitto.ts';
import { Outbox } from '../publish/outbox.ts';
import { aborted } from '../publish/pause.ts';
import { Publisher } from '../publish/publisher.ts';
import { VERSION } from '../version.ts';
import { AudioPipeline } from './audio-pipeline.ts';
import { Boards } from './boards.ts';
import { Classifier } from './classifier.ts';
import { Closing, within } from './closing.ts';
import { answer } from './commands.ts';
import {
  bestOf,
  comparable,
  type Networks,
  prepareNetworks,
  running,
  windowSamplesOf,
} from './networks.ts';
import { findPowerSensor } from './power.ts';
import { programName } from './program-name.ts';
import { type Signs, signsOf } from './progress.ts';
import { accuracyNote, publishMetrics } from './publish-metrics.ts';
import { reportWindow } from './publish-window.ts';
import type { Screen } from './screen.ts';
import { detectionProblems } from './set-up.ts';
import { summaryLines } from './summary.ts';

/** How often counters, latency, energy and accuracy are told. */
const STATISTICS_MS = 10_000;
/** What sending what waits may take when stopping. */
const DRAIN_MS = 2500;
/** What each step of stopping may take before it is left; one after the other, all of them are below systemd's 15 s. */
const STOP_MS = { audio: 2000, boards: 3000, publisher: 4500, mosquitto: 2500, outbox: 2000 };

export interface Surroundings extends Screen {
  /** ms since 1970. */
  readonly now: () => number;
  /** ms that never jump. */
  readonly monotonic: () => number;
}

interface Parts {
  readonly outbox: Outbox;
  readonly publisher: Publisher;
  readonly networks: Networks;
  readonly classifier: Classifier;
  readonly pipeline: AudioPipeline;
  readonly boards: Boards;
}

/** The whole gateway: audio to networks to broker, and whatever goes wrong on the way. */
export class Gateway {
  readonly #around: Surroundings;
  #config: ResolvedConfig;
  #parts: Parts | undefined;
  /** The same, for what they have counted after they have stopped. */
  #counted: Parts | undefined;
  #replies = 0;
  #heard = 0;

  constructor(config: ResolvedConfig, around: Surroundings) {
    this.#config = config;
    this.#around = around;
  }

  /** Windows heard so far. */
  get heard(): number {
    return this.#heard;
  }

  /** What the run has come to, a line for each thing; none where it has not come to listening. */
  get summary(): readonly string[] {
    return this.#counted === undefined ? [] : summaryLines(this.#counted);
  }

  /** What shows whether it makes progress, while it runs. */
  get signs(): Signs | undefined {
    return this.#parts === undefined ? undefined : signsOf(this.#parts);
  }

  /**
   * Starts everything and listens until the audio ends or the signal aborts; then drains and stops. Resolves to whether all
   * of it has ended: what has not is told, and may keep the process alive.
   */
  async run(signal: AbortSignal, onReady: () => void): Promise<boolean> {
    const opened = new Closing(this.#around.log);
    let inTime = true;
    try {
      const parts = await this.#open(opened, signal);
      this.#parts = parts;
      this.#counted = parts;
      this.#announce(parts);
      const timer = setInterval(() => this.#publishMetrics(parts), STATISTICS_MS);
      opened.add('statistics', STOP_MS.audio, async () => clearInterval(timer));
      onReady();
      inTime = await this.#listen(parts, signal);
      this.#publishMetrics(parts);
    } finally {
      this.#parts = undefined;
      if (!(await opened.close())) inTime = false;
    }
    return inTime;
  }

  /** False when the audio goes on after the signal, as where its last window cannot be handed on. */
  async #listen({ pipeline }: Parts, signal: AbortSignal): Promise<boolean> {
    const listening = pipeline.listen(signal);
    const stopped = aborted(signal);
    await Promise.race([listening, stopped]);
    const ended = await within(listening, STOP_MS.audio);
    if (!ended) this.#around.log('stopping: the audio did not end in time and is left');
    return ended;
  }

  /** Takes what can be changed while running; names what needs a restart. */
  reload(config: ResolvedConfig): void {
    const { log } = this.#around;
    const old = this.#config;
    const changed = (key: keyof ResolvedConfig) =>
      JSON.stringify(old[key]) !== JSON.stringify(config[key]);
    const restart = (['gateway', 'mqtt', 'networks', 'boards'] as const).filter(changed);
    if (restart.length > 0) log(`reload: ${restart.join(', ')} changed, which takes a restart`);
    const detection = changed('detection') ? this.#reloadDetection(config) : old.detection;
    if (changed('audio')) this.#parts?.pipeline.reload(config.audio);
    this.#config = { ...old, audio: config.audio, detection };
    log('reload: done');
  }

  /** Takes new rules of detection if the networks that run can follow them: new networks take a restart. */
  #reloadDetection({ detection }: ResolvedConfig): Detection {
    const { log } = this.#around;
    if (this.#parts === undefined) return detection;
    const models = running(this.#parts.networks).map(([kind, { model }]) => [kind, model] as const);
    const [problem] = detectionProblems(detection, Object.fromEntries(models));
    if (problem === undefined) {
      this.#parts.classifier.reload(detection);
      return detection;
    }
    log(`reload: ${problem.text}; until a restart, the old rules of detection stay`);
    return this.#config.detection;
  }

  get #root(): string {
    return `${this.#config.mqtt.baseTopic}/${this.#config.gateway.name}`;
  }

  get #at(): string {
    return new Date(this.#around.now()).toISOString();
  }

  async #open(opened: Closing, signal: AbortSignal): Promise<Parts> {
    const { gateway, mqtt, detection } = this.#config;
    const { monotonic, log, now } = this.#around;
    const networks = await prepareNetworks(this.#config.networks, signal, this.#around);
    const best = bestOf(networks);
    if (this.#config.boards.some((b) => b.network === 'best')) log(best.line);
    const onNotice = (text: string) => log(`outbox: ${text}`);
    const outbox = new Outbox({ directory: gateway.stateDir, limits: mqtt.outbox, onNotice });
    await outbox.open();
    opened.add('the outbox', STOP_MS.outbox, async () => {
      const unwritten = await outbox.close();
      if (unwritten > 0) log(`outbox: ${unwritten} messages were in memory only, and are lost`);
    });
    const mosquitto = await this.#startMosquitto();
    if (mosquitto !== undefined) {
      opened.add('mosquitto', STOP_MS.mosquitto, () => mosquitto.stop());
    }
    const publisher = await this.#startPublisher(outbox, mqtt.url ?? mosquitto?.url ?? '');
    opened.add('the connection', STOP_MS.publisher, () => publisher.stop(DRAIN_MS));
    const run = `${now().toString(36)}${Math.floor(Math.random() * 1296).toString(36)}`;
    const power = findPowerSensor() ?? (() => undefined);
    const classifier = new Classifier({ networks, detection, run, monotonic, power });
    const pipeline = new AudioPipeline({
      audio: this.#config.audio,
      windowSamples: windowSamplesOf(networks),
      now,
      monotonic,
      onWindow: (window) => this.#hear(window),
      onEvent: (event, source) => this.#onAudio(event, source),
    });
    const boards = this.#startBoards(publisher, networks, best.kind);
    opened.add('boards', STOP_MS.boards, () => boards.stop());
    return { outbox, publisher, networks, classifier, pipeline, boards };
  }

  async #startMosquitto(): Promise<Mosquitto | undefined> {
    const { mqtt, gateway } = this.#config;
    if (mqtt.url !== undefined) return undefined;
    const { log } = this.#around;
    const directory = join(gateway.stateDir, 'mosquitto');
    const mosquitto = new Mosquitto({ port: mqtt.port, directory, onDeath: log });
    await mosquitto.start();
    log(`broker: mosquitto on 127.0.0.1:${mosquitto.port}, since mqtt.url is not set`);
    log(`watch: ${programName()} listen ${this.#root} --port ${mosquitto.port}`);
    return mosquitto;
  }

  async #startPublisher(outbox: Outbox, url: string): Promise<Publisher> {
    const { mqtt, gateway } = this.#config;
    const { log, now } = this.#around;
    const link = {
      url,
      version: mqtt.version,
      clientId: mqtt.clientId ?? `otolith-${gateway.name}`,
      keepAliveMs: mqtt.keepAlive,
      ...(await loadSecrets(mqtt)),
    };
    const { enabled, prefix } = mqtt.homeAssistant;
    const publisher = new Publisher({
      root: this.#root,
      version: VERSION,
      link,
      outbox,
      inFlight: mqtt.outbox.inFlight,
      ...(enabled ? { birthTopic: `${prefix}/status` } : {}),
      onCommand: (received) => {
        this.#onCommand(received).catch((error: unknown) => log(`command: ${reasonOf(error)}`));
      },
      onLink: ({ text }) => log(`broker: ${text}`),
      now,
    });
    publisher.start();
    return publisher;
  }

  #startBoards(publisher: Publisher, networks: Networks, best: NetworkKind): Boards {
    const { boards, gateway, mqtt } = this.#config;
    const started = new Boards({
      boards,
      gateway: gateway.name,
      stateDir: gateway.stateDir,
      networks,
      best,
      publisher,
      ...this.#around,
      onKnown: (board) => {
        if (mqtt.homeAssistant.enabled) publisher.announce(discoverBoard(this.#identity, board));
      },
    });
    started.start();
    return started;
  }

  get #identity(): GatewayIdentity {
    const { gateway, mqtt } = this.#config;
    return {
      root: this.#root,
      gateway: gateway.name,
      version: VERSION,
      prefix: mqtt.homeAssistant.prefix,
    };
  }

  #announce({ publisher, networks }: Parts): void {
    if (this.#config.mqtt.homeAssistant.enabled) {
      const kinds = running(networks).map(([kind]) => kind);
      publisher.announce(discoverGateway(this.#identity, kinds, comparable(networks)));
    }
    const models = running(networks).map(([kind, { model }]) => {
      return [kind, { model: model.metadata.name, hash: model.hash }] as const;
    });
    publisher.state('firmware', {
      at: this.#at,
      version: VERSION,
      networks: Object.fromEntries(models),
    });
  }

  async #hear(window: Window): Promise<void> {
    if (this.#parts === undefined) return;
    const { classifier, publisher, networks, boards } = this.#parts;
    const heard = classifier.hear(window);
    this.#heard++;
    this.#around.window(heard);
    boards.offer(heard);
    const { gateway, detection } = this.#config;
    await reportWindow(publisher, gateway.name, heard, networks, detection.network);
  }

  #onAudio(event: Exclude<AudioEvent, { kind: 'samples' }>, source: string): void {
    if (this.#parts === undefined) return;
    const { classifier, publisher } = this.#parts;
    const { log } = this.#around;
    if (event.kind !== 'state') classifier.interrupt();
    switch (event.kind) {
      case 'gap':
        if (event.reason !== undefined) log(`audio: ${event.reason}`);
        break;
      case 'clip-end':
        classifier.endClip(event.clip);
        break;
      case 'state': {
        const reason = event.reason === undefined ? {} : { reason: event.reason };
        publisher.state('audio', { at: this.#at, state: event.state, source, ...reason });
        log(
          `audio: ${event.state}${event.reason === undefined ? '' : ` (${event.reason})`}, ${source}`,
        );
        break;
      }
    }
  }

  #publishMetrics(parts: Parts): void {
    publishMetrics(parts, this.#at, accuracyNote(this.#config.audio));
  }

  /** Acts on a command and says on `reply` how that went. */
  async #onCommand(received: ReceivedCommand): Promise<void> {
    const parts = this.#parts;
    if (parts === undefined) return;
    const name = received.kind === 'ok' ? received.command.name : received.name;
    const { ok, message } = answer(received, parts);
    this.#around.log(`${name}: ${message}`);
    const number = `${this.#around.now().toString(36)}-${this.#replies++}`;
    const id = `${this.#config.gateway.name}:reply:${number}`;
    await parts.publisher.event('reply', { id, at: this.#at, command: name, ok, message });
  }
}
