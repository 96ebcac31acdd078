import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { TestBroker, until } from '../publish/broker.ts';
import { canMount, onSmallDisk } from '../publish/small-disk.ts';
import { OTOLITH } from './command.ts';
import { configure, end, type Running, runningOf, testNetworks } from './program.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Fills the disk that a process sees at a folder, to the last byte. */
function fill(file: string): void {
  for (const size of [1 << 16, 1 << 10, 1]) {
    try {
      for (;;) appendFileSync(file, Buffer.alloc(size));
    } catch {
      // no room for so much: try less
    }
  }
}

const heard = ({ lines }: Running): number =>
  lines.filter((line) => /int8 .* ms\)/.test(line)).length;

it.skipIf(!canMount)(
  'otolith run goes on hearing on a full disk, ends in its time, and starts there again (needs unshare and mount)',
  async () => {
    const broker = await TestBroker.create();
    await broker.start();
    cleanups.push(() => broker.kill());
    const disk = mkdtempSync(join(tmpdir(), 'otolith-disk-'));
    const stateDir = join(disk, 'state');
    const { file } = await configure({
      gateway: { stateDir },
      networks: testNetworks(),
      audio: { hop: '200ms' },
      mqtt: { url: broker.url },
    });
    // The disk lies in a namespace of its own, which /proc leads into; it holds one run after the other.
    const script = `for run in 1 2; do "$@" & echo $! >${disk}/pid; wait $!; echo "ended $?"; done`;
    const otolith = [process.execPath, ...OTOLITH, 'run', '--config', file];
    const running = runningOf(onSmallDisk(disk, 1024, ['sh', '-c', script, 'sh', ...otolith]));
    const inside = `/proc/${running.child.pid}/root${disk}`;
    cleanups.push(() => end(running));
    cleanups.push(() => kill(inside, 'SIGKILL'));
    const { lines } = running;
    const said = (text: string) => lines.filter((line) => line.includes(text)).length;
    const goesOn = async () => {
      const before = heard(running);
      await until(() => heard(running) > before + 5, 30_000);
    };

    await until(() => heard(running) > 3, 60_000);
    fill(join(inside, 'fill'));
    await broker.kill(); // what is heard can go nowhere but to the disk
    await until(() => said('messages are held in memory') > 0, 60_000);
    await goesOn();
    const stop = performance.now();
    kill(inside);
    await until(() => said('ended 0') === 1, 30_000);
    expect(performance.now() - stop).toBeLessThan(6000);
    expect(said('messages were in memory only, and are lost')).toBe(1);

    await goesOn();
    await broker.start();
    rmSync(join(inside, 'fill'));
    await until(() => said('the disk takes messages again') > 0, 60_000);
    await goesOn();
    kill(inside);
    await until(() => said('ended 0') === 2, 30_000);
    expect(lines.join('\n')).not.toMatch(/^ +at /m);
  },
  300_000,
);

/** Ends the run that goes on inside, if one does. */
function kill(inside: string, signal: NodeJS.Signals = 'SIGTERM'): void {
  try {
    process.kill(Number(readFileSync(join(inside, 'pid'), 'utf8')), signal);
  } catch (error) {
    if (signal === 'SIGTERM') throw error;
  }
}
