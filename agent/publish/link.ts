import mqtt, { type IClientOptions, type IConnackPacket, type MqttClient } from 'mqtt';
import { reasonOf, UserError } from '../errors.ts';

/** MQTT versions as its CONNECT packet numbers them: 4 is 3.1.1. */
export type Version = 4 | 5;

export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
}

export interface LinkOptions {
  readonly url: string;
  readonly version: 'auto' | '5' | '3.1.1';
  readonly clientId: string;
  readonly keepAliveMs: number;
  readonly will: { readonly topic: string; readonly payload: string };
  readonly username?: string;
  readonly password?: string;
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly verify: boolean;
  readonly onMessage: (message: Message) => void;
}

/** What became of a publication. `refused`: the broker will never take it; anything else is retried on the next link. */
export type Outcome =
  | { readonly kind: 'acknowledged' }
  | { readonly kind: 'refused'; readonly reason: string };

/** One connection to a broker. It ends once and is never revived: the next one is a new link. */
export interface Link {
  readonly version: Version;
  /** QoS 1. Rejects when the link ends before the acknowledgement. */
  readonly publish: (topic: string, payload: string, retain: boolean) => Promise<Outcome>;
  readonly subscribe: (topics: readonly string[]) => Promise<void>;
  /** Resolves with the reason when the connection is gone. */
  readonly closed: Promise<string>;
  readonly end: () => Promise<void>;
}

const CONNECT_TIMEOUT_MS = 10_000;
const END_TIMEOUT_MS = 1000;

/** Reason codes of a PUBACK that another attempt would meet again (MQTT 5, 3.4.2.1). */
const HOPELESS: ReadonlySet<number> = new Set([0x87, 0x90, 0x95, 0x99]);

const CERTIFICATE_ERRORS =
  /SELF_SIGNED|UNABLE_TO|CERT_|ERR_TLS_CERT|DEPTH_ZERO|certificate|CERTIFICATE/;

function codeOf(error: unknown): string | number | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'number' || typeof error.code === 'string' ? error.code : undefined;
}

/** The broker speaks no MQTT 5: 3.1.1 answers 1, 5 answers 0x84. */
function isVersionRefused(error: unknown): boolean {
  const code = codeOf(error);
  return code === 1 || code === 0x84;
}

function explain(error: unknown, { url, username }: LinkOptions): UserError {
  const code = codeOf(error);
  const reason = reasonOf(error);
  const fail = (kind: string, message: string, mend: string) =>
    new UserError(kind, `${url}: ${message}`, { mend, cause: error });
  if (code === 4 || code === 5 || code === 0x86 || code === 0x87) {
    const who = username === undefined ? 'without a user name' : `user ${username}`;
    const mend = 'check mqtt.username and the password that mqtt.passwordFile or passwordEnv gives';
    return fail('mqtt-auth', `the broker refused ${who}`, mend);
  }
  if (CERTIFICATE_ERRORS.test(`${code} ${reason}`)) {
    const mend = 'set mqtt.tls.ca to the certificate authority that signed it';
    return fail('mqtt-tls', `the broker's certificate is not trusted (${reason})`, mend);
  }
  if (isVersionRefused(error)) {
    return fail('mqtt-version', 'the broker refused this MQTT version', 'set mqtt.version: auto');
  }
  return fail('mqtt-connect', `no connection (${reason || code})`, 'check mqtt.url and the broker');
}

function clientOptions(options: LinkOptions, version: Version): IClientOptions {
  const { ca, cert, key, username, password } = options;
  return {
    protocolVersion: version,
    clientId: options.clientId,
    clean: true,
    keepalive: Math.round(options.keepAliveMs / 1000),
    connectTimeout: CONNECT_TIMEOUT_MS,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    rejectUnauthorized: options.verify,
    will: {
      topic: options.will.topic,
      payload: Buffer.from(options.will.payload),
      qos: 1,
      retain: true,
    },
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

/** Waits for the CONNACK. */
function accepted(client: MqttClient, signal: AbortSignal): Promise<IConnackPacket> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    client.once('connect', resolve);
    client.once('error', reject);
    client.once('close', () => reject(new Error('the broker closed the connection')));
    client.once('close', () => signal.removeEventListener('abort', onAbort));
  });
}

interface Publication {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/** Sends in order, with at most as many unacknowledged as the broker allows (Receive Maximum, MQTT 5, 3.2.2.3.3). */
class Sender {
  readonly #client: MqttClient;
  readonly #limit: number;
  readonly #flying = new Set<Publication>();
  readonly #queue: Publication[] = [];
  #ended: string | undefined;

  constructor(client: MqttClient, limit: number) {
    this.#client = client;
    this.#limit = limit;
  }

  send(topic: string, payload: string, retain: boolean): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) reject(new Error(this.#ended));
      this.#queue.push({ topic, payload, retain, resolve, reject });
      this.#pump();
    });
  }

  /** The link is gone: nothing more will be acknowledged. */
  end(reason: string): void {
    this.#ended = reason;
    for (const { reject } of [...this.#flying, ...this.#queue]) reject(new Error(reason));
    this.#flying.clear();
    this.#queue.length = 0;
  }

  #pump(): void {
    while (this.#flying.size < this.#limit) {
      const publication = this.#queue.shift();
      if (publication === undefined) return;
      this.#flying.add(publication);
      const { topic, payload, retain } = publication;
      this.#client.publish(topic, payload, { qos: 1, retain }, (error) => {
        this.#flying.delete(publication);
        settle(publication, error);
        this.#pump();
      });
    }
  }
}

function settle({ resolve, reject }: Publication, error: unknown): void {
  const code = codeOf(error);
  if (error === null || error === undefined) resolve({ kind: 'acknowledged' });
  else if (typeof code === 'number' && HOPELESS.has(code)) {
    resolve({ kind: 'refused', reason: reasonOf(error) });
  } else reject(error);
}

function linkOf(client: MqttClient, version: Version, connack: IConnackPacket): Link {
  const { maximumPacketSize, receiveMaximum } = connack.properties ?? {};
  const sender = new Sender(client, receiveMaximum ?? 65_535);
  let lastError: string | undefined;
  client.on('error', (error) => {
    lastError = reasonOf(error);
  });
  const closed = new Promise<string>((resolve) => {
    client.once('close', () => {
      const reason = lastError ?? 'the broker closed the connection';
      sender.end(reason);
      resolve(reason);
    });
  });
  return {
    version,
    closed,
    publish(topic, payload, retain) {
      const size = Buffer.byteLength(topic) + Buffer.byteLength(payload) + 32;
      if (maximumPacketSize === undefined || size <= maximumPacketSize) {
        return sender.send(topic, payload, retain);
      }
      const reason = `${size} bytes where the broker takes ${maximumPacketSize}`;
      return Promise.resolve({ kind: 'refused', reason });
    },
    async subscribe(topics) {
      await client.subscribeAsync([...topics], { qos: 1 });
    },
    async end() {
      const forced = setTimeout(() => client.end(true), END_TIMEOUT_MS);
      await client.endAsync().catch(() => undefined);
      clearTimeout(forced);
    },
  };
}

async function attempt(options: LinkOptions, version: Version, signal: AbortSignal): Promise<Link> {
  const client = mqtt.connect(options.url, clientOptions(options, version));
  client.on('message', (topic, payload) => options.onMessage({ topic, payload }));
  try {
    return linkOf(client, version, await accepted(client, signal));
  } catch (error) {
    client.on('error', () => undefined);
    client.end(true);
    throw error;
  }
}

/**
 * Connects to the broker: MQTT 5, and 3.1.1 where the broker has no 5 (`auto`). Fails with a UserError
 * (`mqtt-auth`, `mqtt-tls`, `mqtt-version`, `mqtt-connect`) that says in one line what to do.
 */
export async function connect(options: LinkOptions, signal: AbortSignal): Promise<Link> {
  try {
    return await attempt(options, options.version === '3.1.1' ? 4 : 5, signal);
  } catch (error) {
    if (options.version !== 'auto' || !mayBeOldBroker(error)) throw explain(error, options);
  }
  try {
    return await attempt(options, 4, signal);
  } catch (error) {
    throw explain(error, options);
  }
}

/** Old brokers say so, or hang up on a CONNECT that they cannot read. */
function mayBeOldBroker(error: unknown): boolean {
  return (
    isVersionRefused(error) || (error instanceof Error && /closed the conn/.test(error.message))
  );
}
