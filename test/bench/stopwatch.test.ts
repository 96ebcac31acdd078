import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../agent/base/root.ts';
import { programFor, runEmulated } from '../../agent/bench/emulated-program.ts';
import { instructionsBetween, parseMarks } from '../../agent/bench/stopwatch.ts';
import { readBoardFile } from '../../agent/boards/board-file.ts';
import { boardIds } from '../../agent/boards/board-ids.ts';
import { buildProgram } from '../../agent/compiler/build.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otolith-stopwatch-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe.each(boardIds(packageRoot))('the stopwatch on %s', (id) => {
  test('counts known loops to the instruction', async () => {
    const board = readBoardFile(packageRoot, id);
    const elf = join(folder, `${id}.elf`);
    const sources = ['test/bench/loops.c', 'firmware/bench/stopwatch.c'];
    const program = { models: [], sources, includes: ['firmware/bench'] };
    await buildProgram(programFor(board, program), { output: elf });
    const output = await runEmulated(board, elf, { task: 'counting loops', timeoutMs: 50_000 });
    const counted = instructionsBetween(parseMarks(output), board.tick);
    // A move, the nops, two instructions a turn; and a round of SysTick that is served by its interrupt.
    const [many = 0] = counted.slice(-1);
    expect(counted.slice(0, -1)).toEqual([3, 4, 5, 40, 200_001, 200_006]);
    expect(many - 680_000_001).toBeGreaterThanOrEqual(0);
    expect(many - 680_000_001).toBeLessThan(100);
  });
});
