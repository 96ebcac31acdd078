import { readFileSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attach } from '../../agent/attach/attach.ts';
import { findPorts } from '../../agent/attach/discover.ts';
import { parseEmulated } from '../../agent/boards/emulated-id.ts';
import { prepareEmulator } from '../../agent/emulator/prepare.ts';
import type { Emulator } from '../../agent/emulator/qemu.ts';
import type { Board } from '../../agent/smp/board.ts';
import { Workplace } from './emulate-command.ts';

// What an emulated board costs the machine it runs on.

const place = new Workplace();
const signal = new AbortController().signal;
const cleanups: (() => Promise<unknown>)[] = [];
let emulator: Emulator;
let board: Board;

beforeAll(async () => {
  await place.openWithKey();
  cleanups.push(() => place.close());
  emulator = await prepareEmulator(
    await parseEmulated('cortex-m4', place.context.stateDir),
    place.context,
    { signal },
  );
  await emulator.start(signal);
  cleanups.push(() => emulator.stop());
  const attached = attach(emulator.pty, place.context, signal, { heartbeatMs: 0 });
  cleanups.push(() => attached.stop());
  board = attached.board;
  await board.info(signal);
});
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

/** Seconds of processor time that the emulator has had. */
function processorSeconds(): number {
  const stat = readFileSync(`/proc/${emulator.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Times that its threads have read or written a file: each byte through the UART costs some. */
function systemCalls(): number {
  const io = readFileSync(`/proc/${emulator.pid}/io`, 'utf8');
  return ['syscr', 'syscw'].reduce(
    (sum, key) => sum + Number(new RegExp(`${key}: (\\d+)`).exec(io)?.[1]),
    0,
  );
}

test('an idle board sleeps: under a tenth of a core, though its clock goes on', async () => {
  const { up } = await board.stats(signal);
  const before = processorSeconds();
  await sleep(3000);
  const share = (processorSeconds() - before) / 3;
  console.log(`idle: ${(100 * share).toFixed(1)} % of a core`);
  expect(share).toBeLessThan(0.1);
  expect((await board.stats(signal)).up).toBeGreaterThan(up);
});

test('bytes reach it in handfuls, not each by a round of the emulator', async () => {
  const text = 'x'.repeat(1000);
  await board.echo(text, signal);
  const rounds: number[] = [];
  for (let i = 0; i < 20; i++) {
    const before = systemCalls();
    expect(await board.echo(text, signal)).toEqual({ type: 'done', value: text });
    rounds.push((systemCalls() - before) / ((text.length * 4) / 3));
  }
  // The least of them: an emulator that other work interrupts wakes more often for the same bytes.
  const least = Math.min(...rounds);
  console.log(`${least.toFixed(1)} reads and writes a byte`);
  expect(least).toBeLessThan(13);
});

test('no byte is a command to the emulator', async () => {
  const pairs = Array.from({ length: 256 }, (_, i) => [1, i]).flat();
  writeFileSync(emulator.pty, Uint8Array.from([...pairs, 1, 120, 1, 99, 10]));
  expect(await board.echo('there', signal)).toEqual({ type: 'done', value: 'there' });
  expect(emulator.running).toBe(true);
});

test('two boards of one kind tell serial numbers of their own, which stay', async () => {
  const { stateDir } = place.context;
  const copy = await parseEmulated('cortex-m4@copy', stateDir);
  await copyFile((await parseEmulated('cortex-m4', stateDir)).flash, copy.flash);
  const serials: (string | undefined)[] = [];
  for (let start = 0; start < 2; start++) {
    const attached = attach('emulated:cortex-m4@copy', place.context, signal);
    serials.push((await attached.board.info(signal))?.sn);
    const [listed] = (await findPorts(stateDir)).filter(({ id }) => id.endsWith('@copy'));
    expect(listed?.serialNumber).toBe(serials.at(-1));
    await attached.stop();
  }
  const first = (await board.info(signal))?.sn;
  expect(first).toMatch(/^[0-9a-f]{16}$/);
  expect(serials[0]).toMatch(/^[0-9a-f]{16}$/);
  expect(serials).toEqual([serials[0], serials[0]]);
  expect(serials[0]).not.toBe(first);
});
