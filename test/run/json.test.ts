import { afterEach, expect, it } from 'vitest';
import { freePort, until } from '../publish/broker.ts';
import { configure, end, otolith, ROOT, testNetworks } from './program.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

it('run --json prints every message as it is published and a summary at last, with no broker there', async () => {
  const url = `mqtt://127.0.0.1:${await freePort()}`;
  const { file } = await configure({ networks: testNetworks(), mqtt: { url } });
  const running = otolith('run', '--config', file, '--json');
  cleanups.push(() => end(running));
  const about = (words: string) => running.lines.filter((line) => line.includes(words));
  await until(() => about(`${ROOT}/comparison`).length >= 3);
  running.child.kill('SIGTERM');
  expect(await running.ended).toBe(0);
  const said = running.lines.map((line): Record<string, unknown> => JSON.parse(line));
  const kinds = said.map((object) => Object.keys(object).join());
  expect(kinds.filter((kind) => !/^(topic,payload|at,log|summary)$/.test(kind))).toEqual([]);
  const payloads = said.filter(({ topic }) => topic === `${ROOT}/classification/xnor`);
  expect(payloads[0]?.payload).toMatchObject({ network: 'xnor', top: expect.any(Array) });
  expect(said.some(({ topic }) => topic === `${ROOT}/audio`)).toBe(true);
  expect(said.findLast(({ topic }) => topic === undefined)).toMatchObject({
    summary: { windows: payloads.length, messages: { sent: 0 }, boards: [] },
  });
  expect(kinds.at(-1)).toBe('summary');
});
