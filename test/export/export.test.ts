import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../agent/base/root.ts';
import { programFor, runEmulated } from '../../agent/bench/emulated-program.ts';
import { readBoardFile } from '../../agent/boards/board-file.ts';
import { CORES, type Core } from '../../agent/boards/cores.ts';
import { buildProgram } from '../../agent/compiler/build.ts';
import { exportContext } from '../../agent/compiler/export/context.ts';
import { exportFiles } from '../../agent/compiler/export/export.ts';
import { writeExport } from '../../agent/compiler/export/write.ts';
import { type Model, readModel } from '../../agent/model/model.ts';

const run = promisify(execFile);
const has = (tool: string): boolean => spawnSync(tool, ['--version']).status === 0;
/** 8 bits on the waveform, XNOR on a spectrogram, 8 bits on a spectrogram, XNOR on the waveform. */
const NAMES = [
  'qmicro-acdnet-esc10',
  'xnor-esc10',
  'mel-acdnet-esc10',
  'xmicro-acdnet-esc10',
] as const;
type Name = (typeof NAMES)[number];
const SOURCES = ['src/model.c', 'test/known_answer.c'];
const INCLUDES = ['-Iinclude', '-Inn', '-Itest'];

let folder = '';
const models = new Map<Name, Model>();
const portable = (name: Name): string => join(folder, 'portable', name);
const modelOf = (name: Name): Model => {
  const model = models.get(name);
  if (model === undefined) throw new Error(`no ${name}`);
  return model;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otolith-export-'));
  for (const name of NAMES) {
    models.set(name, await readModel(join(packageRoot, `agent/zoo/${name}.safetensors`)));
    await writeExport(portable(name), exportFiles(modelOf(name), { kind: 'portable' }));
  }
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Exit status of an export's known-answer test, built by a compiler with these flags. */
async function answer(cwd: string, tool: string, flags: readonly string[]): Promise<number> {
  const program = join(folder, 'known_answer');
  await run(tool, [...flags, ...INCLUDES, ...SOURCES, 'test/main.c', '-o', program], { cwd });
  return spawnSync(program).status ?? -1;
}

const STRICT = ['-Wall', '-Wextra', '-Wconversion', '-Wpedantic', '-Werror'];
const COMPILERS: readonly (readonly string[])[] = [
  ['gcc', '-O0', '-std=gnu17'],
  ['gcc', '-Og', '-std=c11'],
  ['clang', '-O0', '-std=c11'],
  ['clang', '-Og', '-std=gnu17'],
];

describe('an export for any target', () => {
  it.each(COMPILERS)(
    'gives the scores of the reference: %s %s %s',
    async (tool, ...flags) => {
      for (const name of NAMES) {
        expect(await answer(portable(name), tool ?? '', [...flags, ...STRICT]), name).toBe(0);
      }
    },
    60_000,
  );

  it.each([
    ['gcc', '-O3', '-std=c99'],
    ['clang', '-O2', '-std=c99'],
    ['gcc', '-O2', '-std=c11', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'],
  ])(
    'gives them optimised, as C99, and under sanitizers: %s %s %s',
    async (tool, ...flags) => {
      for (const name of NAMES.slice(0, 2)) {
        expect(await answer(portable(name), tool, flags), name).toBe(0);
      }
    },
    60_000,
  );

  it('compiles where nothing of gcc or clang is to be had', async () => {
    const cwd = portable('xnor-esc10');
    const flags = ['-std=c11', '-U__GNUC__', '-O1', ...INCLUDES];
    const objects = SOURCES.map((_, i) => join(folder, `plain-${i}.o`));
    for (const [i, source] of SOURCES.entries()) {
      await run('gcc', [...flags, '-c', source, '-o', objects[i] ?? ''], { cwd });
    }
    const program = join(folder, 'plain');
    await run('gcc', ['-Itest', 'test/main.c', ...objects, '-o', program], { cwd });
    expect(spawnSync(program).status).toBe(0);
  });

  it('has a test that fails where one weight differs', async () => {
    const name = 'qmicro-acdnet-esc10';
    const broken = join(folder, 'broken');
    await writeExport(broken, exportFiles(modelOf(name), { kind: 'portable' }));
    const path = join(broken, 'src/model.c');
    const source = await readFile(path, 'utf8');
    const weights = /conv3_weight\[\d+\] OTO_ALIGN\(16\) = \{\s+-?\d+,/;
    expect(source).toMatch(weights);
    await writeFile(
      path,
      source.replace(weights, (text) => text.replace(/-?\d+,$/, '-128,')),
    );
    expect(await answer(broken, 'gcc', ['-O1'])).toBe(1);
  });

  it('has a header for C++', async () => {
    const program = `#include "xnor_esc10.h"
      XNOR_ESC10_ALIGNED static uint8_t arena[XNOR_ESC10_ARENA_BYTES];
      static const char *const labels[] = XNOR_ESC10_LABELS;
      int f() { xnor_esc10_model.reset(arena); return labels[0][0]; }`;
    await writeFile(join(folder, 'program.cpp'), program);
    const args = ['-xc++', '-std=c++11', ...STRICT, '-fsyntax-only', join(folder, 'program.cpp')];
    await run('clang', [...args, '-Iinclude', '-Inn'], { cwd: portable('xnor-esc10') });
  });

  it.skipIf(!has('make'))(
    'is built and tested by make, which is in the way of nothing',
    async () => {
      const cwd = portable('xnor-esc10');
      const made = await run('make', ['CC=clang', 'CFLAGS=-O1', 'all', 'test'], { cwd });
      expect(made.stdout).toContain('ok: every score');
      const samples = Buffer.alloc(30225 * 2);
      const { stdout, status } = spawnSync(join(cwd, 'classify'), { input: samples });
      expect(String(stdout)).toMatch(/^[a-z_]+( -?\d+){10}\n$/);
      expect(status).toBe(0);
      expect(spawnSync(join(cwd, 'classify'), { input: samples.subarray(2) }).status).toBe(1);
      await run('make', ['debug'], { cwd });
      expect(spawnSync(join(cwd, 'known_answer')).status).toBe(0);
      await run('make', ['compile_commands.json'], { cwd });
      const entries = JSON.parse(await readFile(join(cwd, 'compile_commands.json'), 'utf8'));
      expect(entries.map((entry: { file: string }) => entry.file).sort()).toEqual([
        'example/main.c',
        'src/model.c',
        'test/known_answer.c',
        'test/main.c',
      ]);
      for (const { directory, command } of entries) {
        await run('sh', ['-c', `${command} -fsyntax-only`], { cwd: directory });
      }
      await run('make', ['clean'], { cwd });
      await writeExport(cwd, exportFiles(modelOf('xnor-esc10'), { kind: 'portable' }));
    },
    60_000,
  );

  it.skipIf(!has('cmake'))(
    'is built and tested by CMake',
    async () => {
      const build = join(folder, 'cmake');
      await run('cmake', ['-S', portable('xmicro-acdnet-esc10'), '-B', build]);
      await run('cmake', ['--build', build]);
      await run('ctest', ['--test-dir', build]);
    },
    60_000,
  );
});

/** What each core is exported, and the level that its firmware is compiled at. */
const ON_CORES: readonly (readonly [Core, Name, string])[] = [
  ['cortex-m4', 'qmicro-acdnet-esc10', '-O0'],
  ['cortex-m7', 'xnor-esc10', '-Og'],
  ['cortex-m33', 'xmicro-acdnet-esc10', '-Os'],
  ['cortex-m55', 'xnor-esc10', '-O0'],
];

describe('an export for a core', () => {
  it('is of every core that has kernels', () => {
    expect([...new Set(ON_CORES.map(([core]) => core))]).toEqual([...CORES]);
  });

  it.each(ON_CORES)(
    'runs its known-answer test on %s: %s at %s',
    async (core, name, level) => {
      const board = readBoardFile(packageRoot, core);
      const target = { kind: 'board', core, flags: board.flags } as const;
      const cwd = join(folder, core, name);
      await writeExport(cwd, exportFiles(modelOf(name), target));
      const flags = (await readFile(join(cwd, 'flags.txt'), 'utf8')).trim().split(' ');
      const objects = SOURCES.map((_, i) => join(cwd, `${i}.o`));
      for (const [i, source] of SOURCES.entries()) {
        const args = [
          ...flags,
          level,
          ...STRICT,
          ...INCLUDES,
          '-c',
          source,
          '-o',
          objects[i] ?? '',
        ];
        await run('arm-none-eabi-gcc', args, { cwd });
      }
      const elf = join(cwd, 'test.elf');
      const define = `-DKNOWN_ANSWER=${exportContext(modelOf(name), target).id}_known_answer`;
      const test = { models: [], sources: ['test/export/board.c'], defines: [define] };
      const program = programFor(board, test);
      await buildProgram(
        { ...program, link: [...objects, ...(program.link ?? [])] },
        { output: elf },
      );
      await runEmulated(board, elf, { task: `${name} on ${core}`, timeoutMs: 120_000 });
    },
    180_000,
  );

  it.skipIf(!has('make'))(
    'is made by arm-none-eabi-gcc, and refused by the host gcc',
    async () => {
      const cwd = join(folder, 'cortex-m4', 'qmicro-acdnet-esc10');
      await run('make', [], { cwd });
      await run('make', ['clean'], { cwd });
      const wrong = run('make', ['CC=gcc', 'TARGET='], { cwd });
      await expect(wrong).rejects.toMatchObject({
        stderr: expect.stringContaining("the compiler's target is no Cortex-M"),
      });
    },
    60_000,
  );
});
