import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ReceivedCommand } from '../../protocol/commands.ts';
import { VERSION } from '../base/version.ts';
import type { ResolvedConfig } from '../config/load.ts';
import { loadSecrets } from '../publish/credentials.ts';
import { Announcer } from '../publish/home-assistant/announcer.ts';
import { Mosquitto } from '../publish/mosquitto.ts';
import { Outbox, outboxFolder } from '../publish/outbox.ts';
import { Publisher } from '../publish/publisher.ts';
import { AudioPipeline, type Clocks, type OpenSource } from './audio-pipeline.ts';
import { Boards } from './boards.ts';
import { Classifier } from './classifier.ts';
import type { Closing } from './closing.ts';
import { Comparer } from './comparer.ts';
import { Detector } from './detector.ts';
import type { NetworkSet } from './load-networks.ts';
import { Metrics } from './metrics.ts';
import { longestWindow } from './network.ts';
import { followedBy } from './network-demands.ts';
import { findPowerSensor } from './power.ts';
import { programName } from './program-name.ts';
import type { Screen } from './screen.ts';
import type { SoundPath } from './sound.ts';
import { writeStateFile } from './state-file.ts';

/** What sending what waits may take when stopping. */
const DRAIN_MS = 2500;
/** What each step of stopping may take before it is left; one after the other, all of them are below systemd's 15 s. */
export const STOP_MS = {
  audio: 2000,
  boards: 3000,
  publisher: 4500,
  mosquitto: 2500,
  outbox: 2000,
};

/** Everything that a gateway consists of while it runs. */
export interface Parts extends SoundPath {
  readonly outbox: Outbox;
  readonly publisher: Publisher;
  /** Undefined where nothing is announced to Home Assistant. */
  readonly announcer: Announcer | undefined;
  readonly boards: Boards;
}

export interface PartsOptions extends Screen, Clocks {
  readonly openSource: OpenSource;
  readonly onCommand: (received: ReceivedCommand) => void;
}

/** Opens outbox, broker, boards and audio, in this order; what was opened is closed the other way round. */
export async function openParts(
  config: ResolvedConfig,
  { networks, pairs }: NetworkSet,
  opened: Closing,
  options: PartsOptions,
): Promise<Parts> {
  const { now, monotonic } = options;
  const hasRunBefore = existsSync(outboxFolder(config.gateway.stateDir));
  const outbox = await openOutbox(config, opened, options);
  const mosquitto = await startMosquitto(config, opened, options);
  const url = config.mqtt.url ?? mosquitto?.url ?? '';
  const publisher = await startPublisher(config, outbox, url, options);
  opened.add('the connection', STOP_MS.publisher, () => publisher.stop(DRAIN_MS));
  const announcer = await openAnnouncer(config, publisher, opened, {
    ...options,
    hasRunBefore,
  });
  const boards = new Boards({
    gateway: config.gateway.name,
    stateDir: config.gateway.stateDir,
    publisher,
    ...options,
    onKnown: (board) => announcer?.board(board),
  });
  opened.add('boards', STOP_MS.boards, () => boards.stop());
  const power = findPowerSensor() ?? (() => undefined);
  const settings = { audio: config.audio, windowSamples: longestWindow(networks) };
  return {
    ...{ outbox, publisher, announcer, boards, now, monotonic },
    gateway: config.gateway.name,
    run: `${now().toString(36)}${Math.floor(Math.random() * 1296).toString(36)}`,
    screen: options,
    pipeline: new AudioPipeline(settings, { now, monotonic }, options.openSource),
    classifier: new Classifier(networks, { monotonic, power }),
    comparer: new Comparer(pairs),
    detector: new Detector(config.detection, followedBy(config, networks)),
    metrics: new Metrics(),
  };
}

function rootOf({ mqtt, gateway }: ResolvedConfig): string {
  return `${mqtt.baseTopic}/${gateway.name}`;
}

async function openOutbox(
  { gateway, mqtt }: ResolvedConfig,
  opened: Closing,
  { log }: PartsOptions,
): Promise<Outbox> {
  const onNotice = (text: string) => log(`outbox: ${text}`);
  const outbox = new Outbox({ directory: gateway.stateDir, limits: mqtt.outbox, onNotice });
  await outbox.open();
  opened.add('the outbox', STOP_MS.outbox, async () => {
    const unwritten = await outbox.close();
    if (unwritten > 0) log(`outbox: ${unwritten} messages were in memory only, and are lost`);
  });
  return outbox;
}

async function startMosquitto(
  config: ResolvedConfig,
  opened: Closing,
  { log }: PartsOptions,
): Promise<Mosquitto | undefined> {
  const { mqtt, gateway } = config;
  if (mqtt.url !== undefined) return undefined;
  const directory = join(gateway.stateDir, 'mosquitto');
  const mosquitto = new Mosquitto({ port: mqtt.port, directory, onDeath: log });
  await mosquitto.start();
  opened.add('mosquitto', STOP_MS.mosquitto, () => mosquitto.stop());
  log(`broker: mosquitto on 127.0.0.1:${mosquitto.port}, since mqtt.url is not set`);
  log(`watch: ${programName()} listen ${rootOf(config)} --port ${mosquitto.port}`);
  return mosquitto;
}

async function startPublisher(
  config: ResolvedConfig,
  outbox: Outbox,
  url: string,
  { log, message, now, monotonic, onCommand }: PartsOptions,
): Promise<Publisher> {
  const { mqtt, gateway } = config;
  const { enabled, prefix } = mqtt.homeAssistant;
  const publisher = new Publisher({
    root: rootOf(config),
    version: VERSION,
    link: {
      url,
      version: mqtt.version,
      clientId: mqtt.clientId ?? `otolith-${gateway.name}`,
      keepAliveMs: mqtt.keepAlive,
      ...(await loadSecrets(mqtt)),
    },
    outbox,
    inFlight: mqtt.outbox.inFlight,
    ...(enabled ? { birthTopic: `${prefix}/status` } : {}),
    onCommand,
    onLink: ({ text }) => log(`broker: ${text}`),
    ...(message === undefined ? {} : { onMessage: message }),
    now,
    monotonic,
  });
  publisher.start();
  return publisher;
}

async function openAnnouncer(
  config: ResolvedConfig,
  publisher: Publisher,
  opened: Closing,
  { log, hasRunBefore }: PartsOptions & { readonly hasRunBefore: boolean },
): Promise<Announcer | undefined> {
  const { gateway, mqtt } = config;
  const { enabled, prefix } = mqtt.homeAssistant;
  if (!enabled) return undefined;
  const announcer = new Announcer({
    identity: { root: rootOf(config), gateway: gateway.name, version: VERSION, prefix },
    stateDir: gateway.stateDir,
    hasRunBefore,
    publisher,
    write: writeStateFile,
    log,
  });
  await announcer.open();
  opened.add('discovery', STOP_MS.outbox, () => announcer.close());
  return announcer;
}
