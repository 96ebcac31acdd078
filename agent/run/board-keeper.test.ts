import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { networkOf } from '../../test/run/results.ts';
import { boardContext } from '../firmware/context.ts';
import { Outbox } from '../publish/outbox.ts';
import { Publisher } from '../publish/publisher.ts';
import { BoardKeeper } from './board-keeper.ts';
import { BoardStatus } from './board-status.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otolith-keeper-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Keeps an emulated board for five attempts; gives what was said. */
async function keep(cache: string): Promise<readonly string[]> {
  const lines: string[] = [];
  const log = (line: string) => void lines.push(line);
  const stop = new AbortController();
  let attempts = 0;
  const outbox = new Outbox({
    directory: join(folder, 'outbox'),
    limits: { detections: 10, telemetry: 10 },
  });
  const keeper = new BoardKeeper({
    ...{ board: { id: 'emulated:cortex-m4', network: 'mine' }, name: 'm4', gateway: 'g' },
    ...{ network: networkOf('mine'), onKnown: () => {}, log, now: Date.now },
    task: () => ({ update: () => {}, end: () => {} }),
    monotonic: () => 0,
    sleep: async () => {
      if (++attempts === 5) stop.abort();
    },
    context: boardContext({ stateDir: folder, cache }, () => {}),
    publisher: new Publisher({
      ...{ root: 'otolith/g', version: '1', outbox, inFlight: 1, now: Date.now },
      link: {
        url: 'mqtt://127.0.0.1:1',
        version: 'auto',
        clientId: 'c',
        keepAliveMs: 1000,
        verify: true,
      },
      ...{ onCommand: () => {}, onLink: () => {} },
    }),
  });
  keeper.start(stop.signal);
  await keeper.stopped();
  return lines;
}

test('an empty set-up is reported in one line, however often the board is tried', async () => {
  expect(await keep(join(folder, 'cache'))).toEqual([
    expect.stringMatching(/^m4: \S+libsodium\S+ is missing; run deploy\/setup; looked at again/),
  ]);
});

test('so is a cache that is a file', async () => {
  await writeFile(join(folder, 'cache'), '');
  await chmod(join(folder, 'cache'), 0o400);
  expect(await keep(join(folder, 'cache'))).toHaveLength(1);
});

function statusOf() {
  const said: string[] = [];
  const published: unknown[] = [];
  const status = new BoardStatus({
    board: 'm4',
    publisher: { state: (_, payload) => void published.push(payload) },
    log: (line) => void said.push(line),
    now: () => 0,
  });
  return { status, said, published };
}

test('a trouble is reported once until the board has worked, and its state each time that it changes', () => {
  const { status, said, published } = statusOf();
  for (const seconds of [10, 11]) status.trouble(`no answer for ${seconds} s`, 'up');
  status.trouble('unplugged', 'retrying');
  status.publish({ state: 'online', link: 'up' });
  status.trouble('unplugged', 'retrying');
  expect(said).toEqual(['m4: no answer for 10 s', 'm4: unplugged']);
  expect(published.at(-1)).toMatchObject({
    state: 'offline',
    link: 'retrying',
    reason: 'unplugged',
  });
  status.works();
  status.trouble('unplugged', 'retrying');
  expect(said).toHaveLength(3);
});

test('attempts at what stays the same come further and further apart, up to minutes', () => {
  const { status } = statusOf();
  const pauses = (reason: string, stopped: boolean) =>
    Array.from({ length: 10 }, () => status.pause(reason, stopped) / 1000);
  expect(pauses('no compiler', true)).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
  expect(pauses('no answer', false)).toEqual([2, 4, 8, 16, 30, 30, 30, 30, 30, 30]);
  status.works();
  expect(status.pause('no answer', false)).toBe(2000);
});
