import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { programFor } from '../../agent/bench/emulated-program.ts';
import { type BoardFile, flashBytes, readBoardFile } from '../../agent/boards/board-file.ts';
import { boardIds } from '../../agent/boards/board-ids.ts';
import { buildProgram } from '../../agent/compiler/build.ts';

const root = new URL('../..', import.meta.url).pathname;
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'otolith-drivers-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function build(board: BoardFile): Promise<string> {
  const elf = join(folder, `${board.id}.elf`);
  const program = programFor(board, { models: [], sources: ['test/boards/probe.c'] });
  await buildProgram(program, { output: elf });
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
  test('reset causes, ticks as instructions, NOR flash that faults on misuse', async () => {
    const board = readBoardFile(root, id);
    const starts = run(board, await build(board))
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
