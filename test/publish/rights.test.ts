import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { discoverBoard } from '../../agent/publish/home-assistant/board.ts';
import { discoverGateway } from '../../agent/publish/home-assistant/gateway.ts';
import { topicNames, topicOf, topics } from '../../protocol/topics.ts';
import { type Seen, TestBroker, until } from './broker.ts';
import { Certificates } from './certificates.ts';
import { detection, type Rig, ROOT, rig } from './publisher.ts';

const EXAMPLES = new URL('../../deploy/examples/', import.meta.url).pathname;
const USERS = ['attic', 'viewer', 'commander', 'homeassistant', 'shed'];

let broker: TestBroker;
let gateway: Rig;
let certificates: Certificates;
const clients: MqttClient[] = [];

/** The configuration and the rights that the examples give, with their paths in a directory of the test. */
function exampleLines(directory: string): readonly string[] {
  certificates = new Certificates(directory);
  certificates.selfSigned('ca');
  certificates.signed('broker', 'ca');
  const passwords = join(directory, 'otolith.passwords');
  writeFileSync(passwords, '', { mode: 0o600 });
  for (const user of USERS) execFileSync('mosquitto_passwd', ['-b', passwords, user, user]);
  const acl = join(directory, 'otolith.acl');
  writeFileSync(acl, readFileSync(join(EXAMPLES, 'mosquitto.acl')), { mode: 0o600 });
  return readFileSync(join(EXAMPLES, 'mosquitto.conf'), 'utf8')
    .replaceAll('/etc/mosquitto/certs', directory)
    .replaceAll('/etc/mosquitto', directory)
    .split('\n')
    .map((line) => (line.startsWith('listener ') ? '' : line))
    .filter((line) => !line.startsWith('persistence'))
    .concat('max_inflight_messages 20');
}

/** Someone with MQTT 5, whom the broker tells what it refuses. */
async function someone(username: string): Promise<{ client: MqttClient; seen: Seen[] }> {
  const ca = readFileSync(certificates.path('ca.pem'));
  const url = `mqtts://localhost:${broker.port}`;
  const client = mqtt.connect(url, { protocolVersion: 5, username, password: username, ca });
  clients.push(client);
  const seen: Seen[] = [];
  client.on('message', (topic, payload, { retain }) =>
    seen.push({ topic, payload: payload.toString(), retain }),
  );
  await new Promise<void>((resolve) => client.once('connect', () => resolve()));
  return { client, seen };
}

/** Those of the topics that the broker lets the client publish. */
async function allowed(client: MqttClient, all: readonly string[]): Promise<readonly string[]> {
  const publish = (topic: string) =>
    client.publishAsync(topic, '{}', { qos: 1 }).then(
      () => [topic],
      () => [],
    );
  return (await Promise.all(all.map(publish))).flat();
}

beforeAll(async () => {
  broker = await TestBroker.create(exampleLines);
  await broker.start();
  gateway = await rig(`mqtts://localhost:${broker.port}`, {
    username: 'attic',
    password: 'attic',
    ca: readFileSync(certificates.path('ca.pem')),
  });
  gateway.publisher.start();
  await until(() => gateway.links.length > 0);
});

afterAll(async () => {
  for (const client of clients) await client.endAsync(true);
  await gateway.publisher.stop(0);
  await gateway.outbox.close();
  await broker.kill();
});

describe('rights as the examples give them, on a real mosquitto', () => {
  const identity = { root: ROOT, gateway: 'attic', version: '0', prefix: 'homeassistant' };
  const places = { board: 'emulated-cortex-m4', network: 'mel' };
  const reported = topicNames
    .filter((name) => topics[name].kind !== 'command')
    .map((name) => topicOf(ROOT, name, places));
  const commands = topicNames
    .filter((name) => topics[name].kind === 'command')
    .map((name) => topicOf(ROOT, name));
  const discovery = [
    discoverGateway(identity, { networks: ['mel', 'xnor'], pairs: [['mel', 'xnor']] }),
    discoverBoard(identity, { name: 'emulated-cortex-m4', core: 'cortex-m4' }),
  ];

  it('a gateway tells everything of its own, is announced, and hears its commands', async () => {
    const { client, seen } = await someone('homeassistant');
    await client.subscribeAsync(['otolith/#', 'homeassistant/#'], { qos: 1 });
    for (const message of discovery) gateway.publisher.announce(message);
    await gateway.publisher.event('detection', detection('dog', 1));
    const arrived = (topic: string) => seen.some((s) => s.topic === topic);
    await until(() => [...discovery.map((d) => d.topic), `${ROOT}/detection`].every(arrived));
    expect(gateway.publisher.counters.refused).toBe(0);
    expect(gateway.links).toEqual(['connected with MQTT 5']);
    const itself = await someone('attic');
    expect(await allowed(itself.client, reported)).toEqual(reported);
  });

  it('a gateway cannot speak for another, command, or announce what is not its own', async () => {
    const { client } = await someone('attic');
    const others = reported.map((topic) => topic.replace('/attic/', '/shed/'));
    const foreign = ['homeassistant/device/otolith_shed/config', 'homeassistant/status'];
    expect(await allowed(client, [...others, ...commands, ...foreign])).toEqual([]);
    const shed = await someone('shed'); // a user without rights
    expect(await allowed(shed.client, reported)).toEqual([]);
  });

  it('a viewer reads and changes nothing', async () => {
    const { client, seen } = await someone('viewer');
    await client.subscribeAsync('otolith/#', { qos: 1 });
    await gateway.publisher.event('detection', detection('dog', 2));
    await until(() => seen.some((s) => s.topic === `${ROOT}/detection`));
    const all = [...reported, ...commands, ...discovery.map((d) => d.topic)];
    expect(await allowed(client, all)).toEqual([]);
  });

  it('a commander commands every gateway, and tells nothing in their name', async () => {
    const { client } = await someone('commander');
    const before = gateway.commands.length;
    expect(await allowed(client, commands)).toEqual(commands);
    await until(() => gateway.commands.length === before + commands.length);
    expect(await allowed(client, reported)).toEqual([]);
  });
});
