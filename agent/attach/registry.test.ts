import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeEmulator } from '../../test/fakes/emulator.ts';
import { beginningOf } from '../emulator/process.ts';
import { type RunningEmulator, runningEmulators } from '../emulator/registry.ts';
import { findPorts } from './discover.ts';
import { meantBoard } from './meant-board.ts';

let state = '';
let heard = 0;
const emulators: FakeEmulator[] = [];
beforeEach(async () => {
  heard = 0;
  state = await mkdtemp(join(tmpdir(), 'otolith-registry-'));
});
afterEach(async () => {
  await Promise.all(emulators.splice(0).map((emulator) => emulator.kill()));
  await rm(state, { recursive: true });
});

async function start(flash: string): Promise<FakeEmulator> {
  const emulator = await FakeEmulator.start(flash, () => ({
    receive: ({ length }) => {
      heard += length;
    },
  }));
  emulators.push(emulator);
  return emulator;
}

async function run(board: string, flash: string): Promise<RunningEmulator> {
  return (await (await start(flash)).announce(state, board, flash)).entry;
}

/** An entry as some process left it behind. */
async function leave(entry: unknown): Promise<void> {
  await mkdir(join(state, 'emulated'), { recursive: true });
  await writeFile(join(state, 'emulated/1.json'), JSON.stringify(entry));
}

async function ids(): Promise<readonly string[]> {
  const ports = await findPorts(state, { byId: state, tty: join(state, 'no-tty') });
  return ports.map((port) => port.id).toSorted();
}

describe('emulated boards that run', () => {
  test('have an id each, also two of one kind', async () => {
    const boards = join(state, 'boards');
    await run('cortex-m4', join(boards, 'cortex-m4.flash'));
    await run('cortex-m4', join(boards, 'cortex-m4@kitchen.flash'));
    await run('cortex-m4', join(state, 'a, b.flash'));
    expect(await ids()).toEqual([
      'emulated:cortex-m4',
      `emulated:cortex-m4@${state}/a, b.flash`,
      'emulated:cortex-m4@kitchen',
    ]);
  });

  test('a kind alone means its default board, else the only one that runs, and never one of two', async () => {
    expect(await meantBoard('emulated:cortex-m4', state)).toBe('emulated:cortex-m4');
    await run('cortex-m7', join(state, 'boards/cortex-m7@x.flash'));
    await run('cortex-m4', join(state, 'a.flash'));
    expect(await meantBoard('emulated:cortex-m4', state)).toBe(
      `emulated:cortex-m4@${state}/a.flash`,
    );
    await run('cortex-m4', join(state, 'b.flash'));
    await expect(meantBoard('emulated:cortex-m4', state)).rejects.toMatchObject({
      code: 'board-ambiguous',
      message: expect.stringContaining('b.flash'),
    });
    await run('cortex-m4', join(state, 'boards/cortex-m4.flash'));
    expect(await meantBoard('emulated:cortex-m4', state)).toBe('emulated:cortex-m4');
  });

  test('are forgotten when they were killed', async () => {
    await run('cortex-m4', join(state, 'a.flash'));
    await emulators[0]?.kill();
    expect(await runningEmulators(state)).toEqual([]);
    expect(await readdir(join(state, 'emulated'))).toEqual([]);
  });
});

describe('an entry that is left behind is cleared away, and its terminal hears nothing, where', () => {
  const flash = '/tmp/some.flash';
  const entryOf = async ({ pid, port }: FakeEmulator): Promise<RunningEmulator> => {
    const begun = (await beginningOf(pid)) ?? 0;
    return { id: 'emulated:cortex-m4', board: 'cortex-m4', port, pid, begun, flash };
  };
  const cases: Readonly<Record<string, () => Promise<unknown>>> = {
    'its process number is that of a later process': async () => {
      const entry = await entryOf(await start(flash));
      return { ...entry, begun: entry.begun - 1 };
    },
    'the process is no emulator of this flash': async () =>
      entryOf(await start('/tmp/other.flash')),
    'a path that only ends alike is emulated': async () =>
      entryOf(await start(`/tmp/elsewhere${flash}`)),
    'the terminal is another process’s by now': async () => {
      const bystander = await start('');
      return { ...(await entryOf(await start(flash))), port: bystander.port };
    },
    'the port is no terminal': async () => ({
      ...(await entryOf(await start(flash))),
      port: '/dev/null',
    }),
    'an older version wrote it': async () => {
      const { board, port, pid } = await entryOf(await start(flash));
      return { board, port, pid, flash };
    },
  };
  test.each(Object.keys(cases))('%s', async (name) => {
    await leave(await cases[name]?.());
    expect(await ids()).toEqual([]);
    expect(await readdir(join(state, 'emulated'))).toEqual([]);
    expect(heard).toBe(0);
  });
});
