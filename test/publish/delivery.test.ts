import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { pause, subscribe, TestBroker, until } from './broker.ts';
import { detection, firstArrivals, ROOT, rig } from './publisher.ts';
import { canMount, onSmallDisk } from './small-disk.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function startBroker(): Promise<TestBroker> {
  const broker = await TestBroker.create();
  await broker.start();
  cleanups.push(() => broker.kill());
  return broker;
}

describe('delivery', () => {
  it('loses nothing and keeps the order while the broker is killed 20 times under load', async () => {
    const broker = await startBroker();
    const { client, seen } = await subscribe(broker.url, `${ROOT}/detection`);
    cleanups.push(() => client.endAsync(true));
    await broker.kill('SIGTERM'); // writes the subscription down, so that it outlives every kill
    await broker.start();
    const { publisher, outbox } = await rig(broker.url);
    cleanups.push(() => outbox.close());
    publisher.start();

    const accepted: string[] = [];
    let feeding = true;
    const feed = (async () => {
      for (let n = 0; feeding; n++) {
        const payload = detection('dog', n);
        if ((await publisher.event('detection', payload)) === 'stored') accepted.push(payload.id);
        await pause(1);
      }
    })();
    for (let kill = 0; kill < 20; kill++) {
      const before = seen.length;
      await until(() => client.connected && seen.length > before + 20);
      await broker.kill();
      await broker.start();
    }
    feeding = false;
    await feed;
    await until(
      () =>
        outbox.state.waiting === 0 &&
        firstArrivals(seen.map((s) => s.payload)).length >= accepted.length,
    );
    await publisher.stop(1000);

    const ids = firstArrivals(seen.map((s) => s.payload));
    console.log(
      `broker killed 20 times: ${accepted.length} accepted, ${ids.length} arrived, ` +
        `${seen.length - ids.length} repeated with the same id, ${publisher.counters.links} links`,
    );
    expect(ids).toEqual(accepted);
    expect(publisher.counters.links).toBeGreaterThanOrEqual(20);
  }, 300_000);

  it('loses nothing that was accepted while the agent is killed 20 times', async () => {
    const broker = await startBroker();
    const { client, seen } = await subscribe(broker.url, `${ROOT}/detection`);
    cleanups.push(() => client.endAsync(true));
    const directory = await mkdtemp(join(tmpdir(), 'otolith-outbox-'));

    const accepted: string[] = [];
    for (let kill = 0; kill < 20; kill++) {
      const next = Number(accepted.at(-1)?.split('-')[1] ?? -1) + 1;
      const child = feed([broker.url, directory, String(next)], (line) => {
        const [how, id] = line.split(' ');
        if (how === 'stored' && id !== undefined) accepted.push(id);
      });
      const before = accepted.length;
      const enough = before + 5 + ((kill * 37) % 120);
      await until(() => accepted.length >= enough);
      await end(child, 'SIGKILL');
    }
    const { publisher, outbox } = await rig(broker.url, {}, directory);
    cleanups.push(() => outbox.close());
    const waited = outbox.state.waiting;
    publisher.start();
    await until(() => outbox.state.waiting === 0);
    await publisher.stop(1000);
    await until(() => new Set(seen.map((s) => s.payload)).size >= accepted.length);

    const ids = firstArrivals(seen.map((s) => s.payload));
    const known = new Set(accepted);
    console.log(
      `agent killed 20 times: ${accepted.length} accepted, ${ids.filter((i) => known.has(i)).length} of them arrived, ` +
        `${seen.length - ids.length} repeated with the same id, ${waited} were waiting after the last kill`,
    );
    // A detection on disk whose acceptance could not be reported any more may arrive as well.
    expect(ids.filter((id) => known.has(id))).toEqual(accepted);
    const numbers = ids.map((id) => Number(id.split('-')[1]));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  }, 300_000);

  it.skipIf(!canMount)(
    'loses nothing when the disk is full for a while (needs unshare and mount)',
    async () => {
      const broker = await TestBroker.create();
      await broker.start();
      cleanups.push(() => broker.kill());
      const { client, seen } = await subscribe(broker.url, `${ROOT}/detection`);
      cleanups.push(() => client.endAsync(true));
      const lines: string[] = [];
      const child = feedOnSmallDisk([broker.url, '4000'], (line) => lines.push(line));
      cleanups.push(() => end(child, 'SIGKILL'));
      const count = (how: string) => lines.filter((line) => line.startsWith(how)).length;
      await until(() => count('end') === 1, 60_000);
      await until(
        () => new Set(seen.map((s) => s.payload)).size >= count('stored') + count('held'),
      );
      await until(() => {
        child.kill('SIGUSR2');
        return lines.includes('disk good');
      });
      await end(child, 'SIGTERM');

      const ids = firstArrivals(seen.map((s) => s.payload));
      console.log(
        `disk full: ${count('stored')} accepted on disk, ${count('held')} held in memory meanwhile, ${ids.length} arrived`,
      );
      expect(count('held')).toBeGreaterThan(0);
      expect(ids).toEqual(Array.from({ length: 4000 }, (_, n) => `dog-${n}`));
    },
    300_000,
  );
});

const FEED = new URL('./programs/feed.ts', import.meta.url).pathname;

function lined(child: ChildProcess, onLine: (line: string) => void): ChildProcess {
  if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', onLine);
  return child;
}

function feed(args: readonly string[], onLine: (line: string) => void): ChildProcess {
  const node = ['--import', 'tsx', FEED, ...args];
  return lined(spawn(process.execPath, node, { stdio: ['ignore', 'pipe', 'inherit'] }), onLine);
}

/** The same with its outbox on a disk of 2 MB that it alone sees, and fills for a while. */
function feedOnSmallDisk(
  [url = '', count = '']: readonly string[],
  onLine: (line: string) => void,
): ChildProcess {
  const disk = mkdtempSync(join(tmpdir(), 'otolith-disk-'));
  cleanups.push(() => rmSync(disk, { recursive: true }));
  const node = [process.execPath, '--import', 'tsx', FEED];
  const child = onSmallDisk(disk, 2048, [
    ...node,
    url,
    `${disk}/outbox`,
    '0',
    count,
    `${disk}/fill`,
  ]);
  child.stderr?.pipe(process.stderr);
  return lined(child, onLine);
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await gone;
}
