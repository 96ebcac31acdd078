import type { MqttClient } from 'mqtt';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Seen, subscribe, until } from '../publish/broker.ts';
import { configure, end, otolith, ROOT, type Running, testNetworks } from './program.ts';

let running: Running;
let client: MqttClient;
let seen: Seen[];

beforeAll(async () => {
  const { file, url } = await configure({ networks: testNetworks() });
  running = otolith('run', '--config', file);
  await until(() => running.lines.some((line) => line.includes('connected with MQTT 5')));
  ({ client, seen } = await subscribe(url, `${ROOT}/+`));
  await until(() => payloads('comparison').length > 2);
});

afterAll(async () => {
  await client.endAsync(true);
  await end(running);
});

const payloads = (topic: string) =>
  seen.filter((s) => s.topic === `${ROOT}/${topic}`).map((s) => JSON.parse(s.payload));

/** Sends a command's payload and gives the reply to it. */
async function ask(name: string, payload: unknown): Promise<{ ok: boolean; message: string }> {
  const before = payloads('reply').length;
  await client.publishAsync(`${ROOT}/command/${name}`, JSON.stringify(payload), { qos: 1 });
  await until(() => payloads('reply').length > before);
  return payloads('reply')[before];
}

const FORGED = '12:00:00 broker: all is well';
const CONTROLS = ['\n', '\r\n', '\u001b[2K\r', '\u2028', '\u0085', '\u202e'];

it.each(CONTROLS)('a label with %j is refused, and forges no line of the log', async (control) => {
  const window = payloads('comparison').at(-1)?.window;
  const forged = `dog${control}${FORGED}`;
  const replies = [
    await ask('label', { window, label: forged }),
    await ask('label', { window: `${window}${control}${FORGED}`, label: 'dog' }),
    await ask('push', { board: `m4${control}${FORGED}` }),
    await ask('label', { window, label: 'dog', [`x${control}${FORGED}`]: 1 }),
    await ask('odd', {}),
  ];
  expect(replies.map(({ ok }) => ok)).toEqual([false, false, false, false, false]);
  await until(() => running.lines.filter((line) => line.includes('odd')).length > 0);
  expect(running.lines.filter((line) => line.startsWith(FORGED))).toEqual([]);
  expect(running.lines.join('')).not.toMatch(/[\p{Cc}\u2028\u202e]/u);
});

it('a label that no network knows is refused by name, and never counts', async () => {
  const window = payloads('comparison').at(-1)?.window;
  const { ok, message } = await ask('label', { window, label: 'meow' });
  expect(ok).toBe(false);
  expect(message).toMatch(/^meow is no class of the networks that run; give one of .*dog/);
  expect(await ask('label', { window, label: 'dog' })).toMatchObject({ ok: true });
  expect((await ask('label', { window, label: 'dog' })).message).toMatch(/not remembered/);
});
