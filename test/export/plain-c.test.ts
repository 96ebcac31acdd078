import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Random, randomSamples } from '../../agent/base/random.ts';
import { packageRoot } from '../../agent/base/root.ts';
import { emitModel } from '../../agent/compiler/emit.ts';
import { CompiledModel } from '../../agent/engine/compiled-model.ts';
import { type Model, readModel } from '../../agent/model/model.ts';
import { splitBlocks, textOf } from '../docs/markdown.ts';

const run = promisify(execFile);
/** Compilers and emulators on a busy machine. */
const SLOW = 300_000;
const NN = `NN=${join(packageRoot, 'firmware/nn')}`;
const { blocks } = splitBlocks(textOf('README.md'));

/** The block of a language in README that has these words. */
function blockOf(language: string, words: string): string {
  const block = blocks.find((b) => b.language === language && b.text.includes(words));
  if (block === undefined) throw new Error(`README has no block of ${language} with ${words}`);
  return `${block.text}\n`;
}

const makefile = blockOf('make', 'classify.elf');
const [, , make, host = '', board = ''] = blockOf('sh', 'net-m4.c').trim().split('\n');

let folder = '';
let model: Model;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otolith-plain-'));
  model = await readModel(join(packageRoot, 'agent/zoo/qmicro-acdnet-esc10.safetensors'));
  // What the first two commands of the block write.
  await writeFile(join(folder, 'net.c'), emitModel(model, { kernels: 'portable' }).source);
  await writeFile(join(folder, 'net-m4.c'), emitModel(model, { kernels: 'dsp' }).source);
  await writeFile(join(folder, 'classify.c'), blockOf('c', 'oto_model_instance'));
  await writeFile(join(folder, 'Makefile'), makefile);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a command of README and returns the scores that it prints. */
async function scoresOf(line: string): Promise<readonly number[]> {
  const [program = '', ...args] = line.split(' ');
  const { stdout } = await run(program, args, { cwd: folder });
  const lines = stdout.trim().split('\n');
  expect(lines.map((text) => text.split(' ')[0])).toEqual(model.metadata.labels);
  return lines.map((text) => Number(text.split(' ')[1]));
}

test("README's Makefile has six lines, and README names what it makes", () => {
  expect(makefile.trim().split('\n')).toHaveLength(6);
  expect(make).toBe('make');
});

test.each(['-O2', '-O0 -g'])(
  'a generated file and firmware/nn, built with gcc and arm-none-eabi-gcc at %s, give the integers of the engine',
  async (level) => {
    const samples = randomSamples(
      new Random(7),
      model.metadata.input.reduce((a, b) => a * b, 1),
    );
    await writeFile(join(folder, 'window.raw'), Buffer.from(samples.buffer));
    await writeFile(join(folder, 'Makefile'), makefile.replaceAll('-O2', level));
    await run('make', ['-B', NN], { cwd: folder });
    const compiled = await CompiledModel.load(model, { cache: folder });
    const expected = [...compiled.run(samples).scores];
    expect(await scoresOf(host)).toEqual(expected);
    expect(await scoresOf(board)).toEqual(expected);
  },
  SLOW,
);
