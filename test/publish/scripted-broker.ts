import { type AddressInfo, createServer, type Socket } from 'node:net';
import { generate, type IPublishPacket, type Packet, parser } from 'mqtt-packet';

/** What the broker does with a packet: acknowledge it with this reason, say nothing, or end the connection. */
export type Manner = number | 'silence' | 'hang up';

/** How a broker departs from the standard's happy path. What is left out goes well. */
export interface Script {
  readonly connack?: (nth: number) => Manner;
  /** Properties of the CONNACK (MQTT 5). */
  readonly properties?: Record<string, unknown>;
  readonly subscribe?: (topic: string) => Manner;
  readonly publish?: (packet: IPublishPacket, nth: number) => Manner;
  /** How long the acknowledgement of a publication takes, in ms. */
  readonly delayMs?: () => number;
  /** Bytes of a packet beyond which the connection is ended, without a word in 3.1.1. */
  readonly largest?: number;
  /** Retained messages that a subscriber gets at once, by topic. */
  readonly retained?: Readonly<Record<string, string>>;
  /** The newest connection of a client id ends the one before; 5 says so. */
  readonly oneSession?: boolean;
}

interface Session {
  readonly socket: Socket;
  readonly version: number;
  readonly clientId: string;
}

/** A broker that speaks real bytes, MQTT 5 and 3.1.1, and misbehaves as its script says. */
export class ScriptedBroker {
  readonly published: IPublishPacket[] = [];
  readonly received: Packet[] = [];
  /** CONNECTs so far. */
  connects = 0;
  readonly #script: Script;
  readonly #sessions = new Map<Socket, Session>();
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((socket) => this.#accept(socket));
  #publishes = 0;

  constructor(script: Script = {}) {
    this.#script = script;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await gone;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** Payloads that arrived on a topic. */
  on(topic: string): readonly string[] {
    return this.published.filter((p) => p.topic === topic).map((p) => p.payload.toString());
  }

  /** Sends a packet to every client. */
  send(packet: Packet): void {
    for (const { socket, version } of this.#sessions.values()) {
      socket.write(generate(packet, { protocolVersion: version }));
    }
  }

  /** Sends bytes that may be no MQTT at all. */
  raw(bytes: Buffer): void {
    for (const { socket } of this.#sessions.values()) socket.write(bytes);
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#sessions.delete(socket);
    });
    socket.once('data', (first) => {
      const version = first[first.indexOf('MQTT') + 4] ?? 5;
      const incoming = parser({ protocolVersion: version });
      incoming.on('error', () => socket.destroy());
      incoming.on('packet', (packet) => this.#take(socket, version, packet));
      incoming.parse(first);
      socket.on('data', (bytes) => incoming.parse(bytes));
    });
  }

  #take(socket: Socket, version: number, packet: Packet): void {
    const { largest = Number.POSITIVE_INFINITY } = this.#script;
    if ((packet.length ?? 0) > largest) {
      if (version === 5) this.#write(socket, version, { cmd: 'disconnect', reasonCode: 0x95 });
      socket.end();
      return;
    }
    this.received.push(packet);
    if (packet.cmd === 'connect') this.#connect(socket, version, packet.clientId);
    else if (packet.cmd === 'subscribe') this.#subscribe(socket, version, packet);
    else if (packet.cmd === 'publish') this.#publish(socket, version, packet);
    else if (packet.cmd === 'pingreq') this.#write(socket, version, { cmd: 'pingresp' });
    else if (packet.cmd === 'disconnect') socket.end();
  }

  #write(socket: Socket, version: number, packet: Packet): void {
    if (socket.writable) socket.write(generate(packet, { protocolVersion: version }));
  }

  #connect(socket: Socket, version: number, clientId: string): void {
    const nth = this.connects++;
    const manner = this.#script.connack?.(nth) ?? 0;
    if (manner === 'hang up') socket.destroy();
    if (typeof manner !== 'number') return;
    if (this.#script.oneSession) this.#takeOver(clientId);
    this.#sessions.set(socket, { socket, version, clientId });
    const { properties = {} } = this.#script;
    this.#write(
      socket,
      version,
      version === 5
        ? { cmd: 'connack', reasonCode: manner, sessionPresent: false, properties }
        : { cmd: 'connack', returnCode: manner, sessionPresent: false },
    );
    if (manner !== 0) socket.end();
  }

  #takeOver(clientId: string): void {
    for (const session of this.#sessions.values()) {
      if (session.clientId !== clientId) continue;
      const { socket, version } = session;
      if (version === 5) this.#write(socket, version, { cmd: 'disconnect', reasonCode: 0x8e });
      socket.end();
    }
  }

  #subscribe(socket: Socket, version: number, packet: Packet & { cmd: 'subscribe' }): void {
    const manners = packet.subscriptions.map(({ topic }) => this.#script.subscribe?.(topic) ?? 1);
    if (manners.includes('hang up')) socket.destroy();
    if (manners.some((manner) => typeof manner === 'string')) return;
    const messageId = packet.messageId ?? 0;
    this.#write(socket, version, { cmd: 'suback', messageId, granted: manners as number[] });
    for (const [topic, payload] of Object.entries(this.#script.retained ?? {})) {
      const wanted = packet.subscriptions.some((s) => topic.startsWith(s.topic.replace('#', '')));
      const message = { topic, payload, qos: 0, dup: false, retain: true } as const;
      if (wanted) this.#write(socket, version, { cmd: 'publish', ...message });
    }
  }

  #publish(socket: Socket, version: number, packet: IPublishPacket): void {
    const manner = this.#script.publish?.(packet, this.#publishes++) ?? 0;
    if (manner === 'hang up') socket.destroy();
    if (typeof manner !== 'number') return;
    if (manner < 0x80) this.published.push(packet);
    const messageId = packet.messageId ?? 0;
    const puback = { cmd: 'puback', messageId, reasonCode: manner } as const;
    const { delayMs } = this.#script;
    if (delayMs === undefined) this.#write(socket, version, puback);
    else setTimeout(() => this.#write(socket, version, puback), delayMs());
  }
}
