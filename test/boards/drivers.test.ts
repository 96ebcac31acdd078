import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BoardFile, flashBytes, readBoardFile } from '../../agent/boards/board-file.ts';
import { boardIds } from '../../agent/boards/board-ids.ts';
import {
  boardDefines,
  boardSources,
  compilerFlags,
  linkerFlags,
} from '../../agent/firmware/firmware-build.ts';

const root = new URL('../..', import.meta.url).pathname;
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'otolith-drivers-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function build(board: BoardFile): string {
  const elf = join(folder, `${board.id}.elf`);
  const includes = ['boards', 'boards/arm', 'boot'].map(
    (name) => `-I${join(root, 'firmware', name)}`,
  );
  execFileSync('arm-none-eabi-gcc', [
    ...compilerFlags(board),
    '-O2',
    ...boardDefines(board),
    ...includes,
    join(root, 'test/boards/probe.c'),
    join(root, 'firmware/boards/arm/semihost.c'),
    ...boardSources(root, board),
    ...linkerFlags(root, board, 'bench'),
    '-o',
    elf,
  ]);
  return elf;
}

function run(board: BoardFile, elf: string): string {
  if (board.emulated === null) throw new Error(`${board.id} has no emulator`);
  const memory = join(folder, `${board.id}.nv`);
  writeFileSync(memory, Buffer.alloc(flashBytes(board), 0xff));
  truncateSync(memory, board.emulated.memoryBytes);
  return execFileSync(
    'qemu-system-arm',
    [
      ...['-M', `${board.emulated.machine},memory-backend=nv`],
      ...[
        '-object',
        `memory-backend-file,id=nv,size=${board.emulated.memoryBytes},mem-path=${memory},share=on`,
      ],
      ...['-icount', 'shift=0', '-display', 'none', '-serial', 'null', '-monitor', 'none'],
      ...[
        '-chardev',
        'stdio,id=out',
        '-semihosting-config',
        'enable=on,target=native,chardev=out',
        '-kernel',
        elf,
      ],
    ],
    { encoding: 'utf8', timeout: 30_000 },
  );
}

describe.each(boardIds(root))('drivers of %s', (id) => {
  test('reset causes, ticks as instructions, NOR flash that faults on misuse', () => {
    const board = readBoardFile(root, id);
    const starts = run(board, build(board))
      .trim()
      .split('\n')
      .map(
        (line) =>
          new Map(
            line
              .trim()
              .split(' ')
              .map((pair) => pair.split('=') as [string, string]),
          ),
      );
    expect(starts.map((start) => start.get('cause'))).toEqual(['0', '2', '3', '4']);
    expect(starts[0]?.get('before')).toBe('255');
    expect(starts[0]?.get('after')).toBe('8');
    for (const start of starts) {
      // Six instructions a turn, exact but for the grain of the timer.
      expect(Math.abs(Number(start.get('ticks')) - 600_000)).toBeLessThan(200);
      expect(Number(start.get('stack'))).toBeGreaterThan(32);
      expect(Number(start.get('stack'))).toBeLessThan(board.stackBytes);
    }
  });
});
