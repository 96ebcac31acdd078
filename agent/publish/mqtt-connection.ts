import mqtt, { type IClientOptions, type IConnackPacket, type MqttClient } from 'mqtt';
import { reasonOf } from '../base/errors.ts';
import { explainFailure, isVersionRefused } from './connect-errors.ts';
import { PacketSizes } from './packet-sizes.ts';
import {
  codeOf,
  nameOf,
  type Outcome,
  PACKET_TOO_LARGE,
  refusedBySuback,
  SESSION_TAKEN_OVER,
} from './reasons.ts';
import { Sender } from './sender.ts';

/** MQTT versions as its CONNECT packet numbers them: 4 is 3.1.1. */
export type Version = 4 | 5;

export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** It lay at the broker when we subscribed: nobody has just sent it. */
  readonly retained: boolean;
}

/** How long the steps of a connection may take, in ms. */
export const CONNECTION_LIMITS = {
  /** From the first byte to the CONNACK. */
  connectMs: 10_000,
  /** From when a publication is the oldest under way to its acknowledgement. */
  ackMs: 30_000,
  /** A goodbye, after which the connection is cut. */
  endMs: 1000,
  /** From the CONNACK to when a connection counts as calm. */
  calmMs: 5000,
} as const;
export type LinkLimits = { readonly [K in keyof typeof CONNECTION_LIMITS]: number };

export interface ConnectionOptions {
  readonly url: string;
  readonly version: 'auto' | '5' | '3.1.1';
  readonly clientId: string;
  readonly keepAliveMs: number;
  /** What the broker publishes for us when we are lost. */
  readonly will?: { readonly topic: string; readonly payload: string };
  readonly username?: string;
  readonly password?: string;
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly verify: boolean;
  readonly limits?: Partial<LinkLimits>;
  /** What is known of the sizes that the broker takes, from the links before. */
  readonly sizes?: PacketSizes;
  readonly onMessage: (message: Message) => void;
}

/**
 * Why a connection is gone. `closed`: the broker ended it without a word; `taken-over`: another client came with our id;
 * `overdue`: an acknowledgement did not come; `left`: we said goodbye; `lost`: anything else.
 */
export interface Ended {
  readonly kind: 'lost' | 'closed' | 'taken-over' | 'overdue' | 'left';
  readonly reason: string;
}

/** One connection to a broker. It ends once and is never revived: the next one is a new link. */
export interface MqttConnection {
  readonly version: Version;
  /** QoS 1. Rejects when the link has ended, or ends before the acknowledgement. */
  readonly publish: (topic: string, payload: string, retain: boolean) => Promise<Outcome>;
  /** Rejects when the link has ended, or ends before the answer. */
  readonly subscribe: (topic: string) => Promise<Outcome>;
  /** Resolves when the connection is gone. */
  readonly closed: Promise<Ended>;
  /** Says goodbye and resolves when the connection is gone, at the latest after `endMs`. */
  readonly end: () => Promise<void>;
}

function clientOptions(
  options: ConnectionOptions,
  version: Version,
  connectMs: number,
): IClientOptions {
  const { ca, cert, key, username, password, will } = options;
  return {
    protocolVersion: version,
    clientId: options.clientId,
    clean: true,
    keepalive: Math.round(options.keepAliveMs / 1000),
    connectTimeout: connectMs,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    rejectUnauthorized: options.verify,
    ...(will === undefined
      ? {}
      : {
          will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: true },
        }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

/** Bytes of a PUBLISH with QoS 1 and no properties (MQTT 5, 3.3). */
function packetSize(topic: string, payload: string, version: Version): number {
  const identifierAndProperties = version === 5 ? 3 : 2;
  const rest = 2 + Buffer.byteLength(topic) + identifierAndProperties + Buffer.byteLength(payload);
  return 1 + (rest < 128 ? 1 : rest < 16_384 ? 2 : rest < 2_097_152 ? 3 : 4) + rest;
}

/** A client from before its first byte on, so that no end of it goes unnoticed, however early. */
class Session implements MqttConnection {
  readonly version: Version;
  readonly closed: Promise<Ended>;
  readonly #client: MqttClient;
  readonly #limits: LinkLimits;
  readonly #sizes: PacketSizes;
  #maximum = Number.POSITIVE_INFINITY;
  #sender: Sender | undefined;
  #ended: Ended | undefined;
  #why: Ended | undefined;
  #isTooLarge = false;
  #resolveClosed: (ended: Ended) => void = () => undefined;

  constructor(client: MqttClient, version: Version, options: ConnectionOptions) {
    this.#client = client;
    this.version = version;
    this.#limits = { ...CONNECTION_LIMITS, ...options.limits };
    this.#sizes = options.sizes ?? new PacketSizes();
    if (version === 4) this.#sizes.learn(); // MQTT 5 states its limit in the CONNACK
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    client.on('error', (error) => this.#cut({ kind: 'lost', reason: reasonOf(error) }));
    client.on('disconnect', ({ reasonCode = 0 }) => this.#dismissed(reasonCode));
    client.once('close', () =>
      this.#finish({ kind: 'closed', reason: 'the broker closed the connection' }),
    );
  }

  /** Waits for the CONNACK. */
  accepted(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#client.once('connect', (connack) => {
        this.#begin(connack);
        resolve();
      });
      this.#client.once('error', reject);
      void this.closed.then(({ reason }) => {
        signal.removeEventListener('abort', onAbort);
        reject(new Error(reason));
      });
    });
  }

  async publish(topic: string, payload: string, retain: boolean): Promise<Outcome> {
    const size = packetSize(topic, payload, this.version);
    if (size > this.#maximum) {
      const detail = `${size} bytes where the broker takes ${this.#maximum}`;
      return { kind: 'refused', reason: nameOf(PACKET_TOO_LARGE), detail };
    }
    if (this.#sender === undefined) throw new Error('not connected yet');
    return this.#sender.send({ topic, payload, retain, size });
  }

  async subscribe(topic: string): Promise<Outcome> {
    if (this.#ended !== undefined) throw new Error(this.#ended.reason);
    try {
      const answer = this.#client.subscribeAsync(topic, { qos: 1 });
      const gone = this.closed.then(({ reason }) => Promise.reject(new Error(reason)));
      await Promise.race([answer, gone]);
      return { kind: 'acknowledged' };
    } catch (error) {
      const code = refusedBySuback(error);
      if (code === undefined) throw error;
      return { kind: 'refused', reason: nameOf(code) };
    }
  }

  async end(): Promise<void> {
    if (this.#ended !== undefined) return;
    this.#why ??= { kind: 'left', reason: 'the gateway ended the connection' };
    this.#sender?.end(this.#why.reason, 'none');
    // mqtt.js keeps its goodbye back until everything is acknowledged, which may be never.
    for (const id of Object.keys(this.#client.outgoing)) {
      this.#client.removeOutgoingMessage(Number(id));
    }
    const forced = setTimeout(
      () => this.#cut({ kind: 'left', reason: 'no goodbye in time' }),
      this.#limits.endMs,
    );
    this.#client.end();
    await this.closed;
    clearTimeout(forced);
  }

  #begin({ properties }: IConnackPacket): void {
    this.#maximum = properties?.maximumPacketSize ?? Number.POSITIVE_INFINITY;
    const { ackMs, calmMs } = this.#limits;
    this.#sender = new Sender({
      client: this.#client,
      limit: properties?.receiveMaximum ?? 65_535,
      sizes: this.#sizes,
      ackMs,
      calmMs,
      onTrouble: (kind, reason) => this.#cut({ kind, reason }),
    });
  }

  /** The broker says why it will close (MQTT 5, 3.14.2.1). */
  #dismissed(code: number): void {
    this.#isTooLarge = code === PACKET_TOO_LARGE;
    this.#why ??= {
      kind: code === SESSION_TAKEN_OVER ? 'taken-over' : 'lost',
      reason: `the broker ended the connection: ${nameOf(code)}`,
    };
  }

  /** Ends it without ceremony: `end(true)` of mqtt.js does nothing once its `end()` waits. */
  #cut(ended: Ended): void {
    this.#why ??= ended;
    this.#client.stream.destroy();
    this.#finish(ended);
  }

  #finish(ended: Ended): void {
    if (this.#ended !== undefined) return;
    this.#ended = this.#blaming(this.#why ?? ended);
    this.#client.end(true);
    this.#resolveClosed(this.#ended);
  }

  /** Ends the sender, and says so where a message that was too large may be the cause. */
  #blaming(ended: Ended): Ended {
    const { kind, reason } = ended;
    const blame = kind === 'closed' || kind === 'lost' ? 'perhaps' : 'none';
    const size = this.#sender?.end(reason, this.#isTooLarge ? 'certain' : blame);
    if (size === undefined) return ended;
    return { kind: 'lost', reason: `${reason}, at a message of ${size} bytes` };
  }
}

async function attempt(
  options: ConnectionOptions,
  version: Version,
  signal: AbortSignal,
): Promise<MqttConnection> {
  const { connectMs } = { ...CONNECTION_LIMITS, ...options.limits };
  const client = mqtt.connect(options.url, clientOptions(options, version, connectMs));
  const session = new Session(client, version, options);
  client.on('message', (topic, payload, { retain }) =>
    options.onMessage({ topic, payload, retained: retain }),
  );
  try {
    await session.accepted(signal);
    return session;
  } catch (error) {
    client.end(true);
    throw error;
  }
}

/** Old brokers say so, or hang up on a CONNECT that they cannot read. */
function mayBeOldBroker(error: unknown): boolean {
  return isVersionRefused(error) || hangsUp(error);
}

function hangsUp(error: unknown): boolean {
  return error instanceof Error && (/closed the conn/.test(error.message) || isReset(error));
}

function isReset(error: unknown): boolean {
  return codeOf(error) === 'ECONNRESET' || codeOf(error) === 'EPIPE';
}

/**
 * Connects to the broker: MQTT 5, and 3.1.1 where the broker has no 5 (`auto`). Fails with a UserError
 * (`mqtt-auth`, `mqtt-tls`, `mqtt-version`, `mqtt-connect`) that says in one line what to do.
 */
export async function connect(
  options: ConnectionOptions,
  signal: AbortSignal,
): Promise<MqttConnection> {
  const first: Version = options.version === '3.1.1' ? 4 : 5;
  try {
    return await attempt(options, first, signal);
  } catch (error) {
    if (options.version !== 'auto' || !mayBeOldBroker(error)) throw explainFailure(error, options);
    // A bad line hangs up too: a broker is old when it does so twice.
    if (hangsUp(error)) {
      const again = await attempt(options, 5, signal).catch((why: unknown) => ({ why }));
      if (!('why' in again)) return again;
      if (!mayBeOldBroker(again.why)) throw explainFailure(again.why, options);
    }
  }
  try {
    return await attempt(options, 4, signal);
  } catch (error) {
    throw explainFailure(error, options);
  }
}
