import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestBroker, until } from '../publish/broker.ts';
import { configure, otolith } from './program.ts';

let broker: TestBroker;
beforeAll(async () => {
  broker = await TestBroker.create();
  await broker.start();
  const client = await mqtt.connectAsync(broker.url);
  const send = (topic: string, payload: string) =>
    client.publishAsync(topic, payload, { retain: true, qos: 1 });
  await send('otolith/attic/status', '{"state":"online"}');
  await send('otolith/attic/note', 'plain \u001b[2J text');
  await send('elsewhere', 'not asked for');
  await client.endAsync();
});
afterAll(() => broker.kill());

async function listen(...args: readonly string[]) {
  const running = otolith('listen', ...args);
  const code = await running.ended;
  return { code, lines: running.lines };
}

it('prints what lies below the gateway of the configuration, and ends when told', async () => {
  const { file } = await configure({ mqtt: { port: broker.port } });
  const { code, lines } = await listen('--config', file, '--count', '2');
  expect(code).toBe(0);
  expect(lines.toSorted()).toEqual([
    'otolith/attic/note  plain \\u001b[2J text',
    'otolith/attic/status  {"state":"online"}',
  ]);
});

it('prints JSON, payloads that are none as text', async () => {
  const port = ['--port', `${broker.port}`, '--json', '--for', '2s'];
  const { code, lines } = await listen('otolith/+/+', ...port);
  expect(code).toBe(0);
  expect(lines.map((line) => JSON.parse(line))).toEqual(
    expect.arrayContaining([
      { topic: 'otolith/attic/status', retained: true, payload: { state: 'online' } },
      { topic: 'otolith/attic/note', retained: true, payload: 'plain \u001b[2J text' },
    ]),
  );
});

it('says where nothing listens, or what has ended', async () => {
  const state = mkdtempSync(join(tmpdir(), 'otolith-listen-'));
  const { code, lines } = await listen('--port', '1', '--json');
  expect(code).toBe(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ error: { code: 'mqtt-connect' } });
  const other = await TestBroker.create();
  await other.start();
  const { file } = await configure({ gateway: { stateDir: state }, mqtt: { url: other.url } });
  const running = otolith('listen', '--config', file);
  const client = await mqtt.connectAsync(other.url);
  await until(async () => {
    await client.publishAsync('otolith/attic/x', '1', { qos: 1 });
    return running.lines.length > 0;
  });
  await other.kill();
  await client.endAsync(true);
  expect(await running.ended).toBe(1);
  expect(running.lines.at(-1)).toMatch(/the connection to mqtt:\S+ has ended: .*; see whether/);
});
