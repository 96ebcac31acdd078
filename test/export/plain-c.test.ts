import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../agent/base/root.ts';
import { exportFiles } from '../../agent/compiler/export/export.ts';
import { writeExport } from '../../agent/compiler/export/write.ts';
import { readModel, windowSamplesOf } from '../../agent/model/model.ts';
import { runReference } from '../../agent/model/reference.ts';
import { splitBlocks, textOf } from '../docs/markdown.ts';
import { OTOLITH } from '../run/command.ts';

const run = promisify(execFile);
/** Compilers and emulators on a busy machine. */
const SLOW = 300_000;
const { blocks } = splitBlocks(textOf('README.md'));

/** The block of a language in README that has these words. */
function blockOf(language: string, words: string): string {
  const block = blocks.find((b) => b.language === language && b.text.includes(words));
  if (block === undefined) throw new Error(`README has no block of ${language} with ${words}`);
  return `${block.text}\n`;
}

const makefile = blockOf('make', 'classify.elf');
const [evaluate = '', portable = '', board = '', make = '', ...comparisons] = blockOf(
  'sh',
  'net-m4.c',
)
  .trim()
  .split('\n');

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otolith-plain-'));
  await writeFile(join(folder, 'classify.c'), blockOf('c', 'oto_model_instance'));
  await writeFile(join(folder, 'Makefile'), makefile);
  for (const room of ['agent', 'firmware'])
    await symlink(join(packageRoot, room), join(folder, room));
  const words = [process.execPath, ...OTOLITH].map((word) => `'${word}'`).join(' ');
  await writeFile(join(folder, 'npx'), `#!/bin/sh\nshift\nexec ${words} "$@"\n`);
  await chmod(join(folder, 'npx'), 0o755);
  for (const line of [evaluate, portable, board]) await shell(line);
}, SLOW);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a line of README in the folder; fails where any program of it does. */
async function shell(line: string): Promise<string> {
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
  const { stdout } = await run('bash', ['-o', 'pipefail', '-c', line], { cwd: folder, env });
  return stdout;
}

const linesOf = async (name: string): Promise<readonly string[]> =>
  (await readFile(join(folder, name), 'utf8')).trim().split('\n');

test("README's Makefile has six lines, and README names what it makes", () => {
  expect(makefile.trim().split('\n')).toHaveLength(6);
  expect(make).toBe('make');
  expect(comparisons.map((line) => line.split(' ')[0])).toEqual(['./classify', 'qemu-system-arm']);
});

test(
  'evaluate --scores writes the integers of the reference, and where each window comes from',
  async () => {
    const model = await readModel(join(packageRoot, 'agent/zoo/qmicro-acdnet-esc10.safetensors'));
    const scores = await linesOf('dogs/scores.txt');
    const [header, ...rows] = await linesOf('dogs/windows.csv');
    expect(header).toBe(`clip,fold,class,offset,${model.metadata.labels.join(',')}`);
    expect(rows.map((row) => row.split(',').slice(4).join(' '))).toEqual(
      scores.map((line) => line.slice(line.indexOf(' ') + 1)),
    );
    expect(rows).toHaveLength(20);
    const windowSamples = windowSamplesOf(model);
    // The first half of a clip's first window is silence.
    expect(rows[0]).toMatch(`1-100032-A-0.ogg,1,dog,${-Math.floor(windowSamples / 2)},`);
    const { buffer } = await readFile(join(folder, 'dogs/windows.raw'));
    const samples = new Int16Array(buffer.slice(0, rows.length * windowSamples * 2));
    const third = runReference(model, samples.subarray(2 * windowSamples, 3 * windowSamples));
    expect(scores[2]).toBe(`dog ${third.scores.join(' ')}`);
  },
  SLOW,
);

test.each(['-O2', '-O0 -g'])(
  'a generated file and firmware/nn, built with gcc and arm-none-eabi-gcc at %s, give the integers of otolith evaluate',
  async (level) => {
    await writeFile(join(folder, 'Makefile'), makefile.replaceAll('-O2', level));
    await shell('make -B');
    for (const line of comparisons) expect(await shell(line)).toBe('');
    // A comparison that cannot fail shows nothing.
    const broken = comparisons.map((line) => line.replace('scores.txt', 'windows.csv'));
    for (const line of broken.slice(0, 1)) await expect(shell(line)).rejects.toThrow();
  },
  SLOW,
);

test(
  'the example of an export prints the same',
  async () => {
    const model = await readModel(join(packageRoot, 'agent/zoo/qmicro-acdnet-esc10.safetensors'));
    await writeExport(join(folder, 'net'), exportFiles(model, { kind: 'portable' }));
    await shell('make -C net CFLAGS=-O1 classify');
    expect(await shell('net/classify < dogs/windows.raw | diff - dogs/scores.txt')).toBe('');
  },
  SLOW,
);
