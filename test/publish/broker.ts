import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { type AddressInfo, createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 60_000) {
  const deadline = AbortSignal.timeout(timeoutMs);
  while (!(await condition())) {
    if (deadline.aborted) throw new Error(`not within ${timeoutMs} ms: ${condition}`);
    await pause(10);
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Nothing is to be lost for a bound of the broker's; with none, mosquitto 2.0.11 hangs up at what it refuses. */
const UNBOUNDED = ['max_inflight_messages 0', 'max_queued_messages 0'];

/** A real mosquitto that a test may kill and start again. */
export class TestBroker {
  readonly port: number;
  readonly directory: string;
  #child: ChildProcess | undefined;

  private constructor(port: number, directory: string, lines: readonly string[]) {
    this.port = port;
    this.directory = directory;
    const all = [
      `listener ${port} 127.0.0.1`,
      'persistence true',
      `persistence_location ${directory}/`,
      ...(lines.some((line) => line.startsWith('max_inflight')) ? [] : UNBOUNDED),
      ...(process.getuid?.() === 0 ? ['user root'] : []),
      ...lines,
    ];
    writeFileSync(join(directory, 'mosquitto.conf'), `${all.join('\n')}\n`);
  }

  static async create(
    lines: (directory: string) => readonly string[] = () => ['allow_anonymous true'],
  ): Promise<TestBroker> {
    const directory = await mkdtemp(join(tmpdir(), 'otolith-broker-'));
    return new TestBroker(await freePort(), directory, lines(directory));
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const file = join(this.directory, 'mosquitto.conf');
    this.#child = spawn('/usr/sbin/mosquitto', ['-c', file], { stdio: 'ignore' });
    await until(
      () =>
        new Promise<boolean>((resolve) => {
          const socket = createConnection(this.port, '127.0.0.1', () => {
            socket.destroy();
            resolve(true);
          });
          socket.once('error', () => resolve(false));
        }),
    );
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  }
}

export interface Seen {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
}

/** A subscriber with a session that outlives its connection, as a careful consumer has one. */
export async function subscribe(
  url: string,
  topic: string,
): Promise<{ readonly client: MqttClient; readonly seen: Seen[] }> {
  const client = mqtt.connect(url, {
    protocolVersion: 5,
    clientId: `test-${process.pid}-${Math.random().toString(36).slice(2)}`,
    clean: false,
    properties: { sessionExpiryInterval: 3600 },
    reconnectPeriod: 50,
  });
  const seen: Seen[] = [];
  client.on('message', (name, payload, packet) => {
    seen.push({ topic: name, payload: payload.toString(), retain: packet.retain });
  });
  client.on('error', () => undefined);
  await new Promise<void>((resolve) => client.once('connect', () => resolve()));
  await client.subscribeAsync(topic, { qos: 1 });
  return { client, seen };
}
