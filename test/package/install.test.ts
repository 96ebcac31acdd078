import { execFile, execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import wavefile from 'wavefile';
import { decodeAudio } from '../../agent/audio/decode/decode.ts';
import { packageRoot } from '../../agent/base/root.ts';
import { readModel } from '../../agent/model/model.ts';
import { runReference } from '../../agent/model/reference.ts';
import { modelPath } from '../../agent/run/zoo.ts';

const run = promisify(execFile);
/** A compilation of the zoo, and an installation from a registry. */
const SLOW = 600_000;
/** Windows that the executable specification, which takes its time, computes too. */
const COMPARED = 2;
const DOG = join(packageRoot, 'agent/audio/clips/1-100032-A-0.ogg');

let folder = '';
let installed: 'yes' | string = 'no';

/** Packs a copy of the tree: who runs otolith from here keeps the build that it runs. */
async function pack(): Promise<string> {
  const source = join(folder, 'source');
  await mkdir(source);
  const copy = 'git ls-files -z | tar --null --files-from=- -c | tar -x -C "$0"';
  await run('sh', ['-c', copy, source], { cwd: packageRoot });
  await symlink(join(packageRoot, 'node_modules'), join(source, 'node_modules'));
  await run(join(source, 'deploy/npm-contents'));
  const args = ['pack', '--json', '--pack-destination', folder];
  const { stdout } = await run('npm', args, { cwd: source, maxBuffer: 2 ** 24 });
  const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as [{ filename: string }];
  return join(folder, filename);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otolith-package-'));
  const file = await pack();
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  const args = ['install', '--prefer-offline', '--no-audit', '--no-fund', file];
  installed = await run('npm', args, { cwd: folder }).then(
    () => 'yes',
    ({ stderr }: { readonly stderr: string }) => stderr,
  );
}, SLOW);
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Programs without those that compile C. */
const withoutCompilers = (): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: `${join(packageRoot, 'test/lanes/unit-tools')}:${process.env.PATH}`,
  OTOLITH_CACHE: join(folder, 'cache'),
});

describe('the package, installed in an empty folder', () => {
  it('holds neither tests nor their libraries, nor TensorFlow', async (context) => {
    if (installed !== 'yes') context.skip(`npm install did not work: ${installed}`);
    const listed = execFileSync('find', [join(folder, 'node_modules/otolith')], {
      encoding: 'utf8',
    });
    expect(listed).not.toMatch(/\.test\.|\/test\/|tsbuildinfo/);
    const { stdout } = await run('npm', ['ls', '--all', '--parseable'], { cwd: folder });
    expect(stdout).not.toMatch(/vitest|fast-check|tfjs|typescript/);
  });

  it(
    'runs the lines of README without a compiler: the integers of the reference',
    async (context) => {
      if (installed !== 'yes') context.skip(`npm install did not work: ${installed}`);
      const readme = await readFile(join(packageRoot, 'README.md'), 'utf8');
      const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
      await writeFile(join(folder, 'main.ts'), example);
      const { samples, sampleRate } = await decodeAudio(await readFile(DOG), 'dog');
      const wav = new wavefile.WaveFile();
      const int16 = samples.map((x) => Math.round(x * 32767));
      wav.fromScratch(1, sampleRate, '16', int16);
      await writeFile(join(folder, 'sound.wav'), wav.toBuffer());
      const tsc = join(packageRoot, 'node_modules/.bin/tsc');
      const strict = ['--strict', '--exactOptionalPropertyTypes', '--target', 'es2023'];
      await symlink(
        join(packageRoot, 'node_modules/@types'),
        join(folder, 'node_modules/@types'),
      ).catch(() => undefined);
      await run(tsc, [...strict, '--module', 'nodenext', '--types', 'node', 'main.ts'], {
        cwd: folder,
      });
      const { stdout } = await run(process.execPath, ['main.js'], {
        cwd: folder,
        env: withoutCompilers(),
      });
      const [first = '', ...windows] = stdout.trim().split('\n');
      expect(first).toMatch(/^dog, \d+ %$/);
      expect(windows).toHaveLength(10);
      expect(windows.every((line) => line.startsWith('dog '))).toBe(true);
      const scores = windows.map((line) => line.split(' ').slice(1).map(Number));
      expect(scores.slice(0, COMPARED)).toEqual(await referenceScores());
    },
    SLOW,
  );

  it(
    'has the command',
    async (context) => {
      if (installed !== 'yes') context.skip(`npm install did not work: ${installed}`);
      const otolith = join(folder, 'node_modules/.bin/otolith');
      const { stdout } = await run(otolith, ['models'], { env: withoutCompilers() });
      expect(stdout).toContain('qmicro-acdnet-esc10');
      await cp(DOG, join(folder, 'sounds/dog/1.ogg'));
      const args = ['evaluate', 'qmicro-acdnet-esc10', '--data', join(folder, 'sounds'), '--json'];
      const evaluated = await run(otolith, args, { env: withoutCompilers() });
      expect(JSON.parse(evaluated.stdout)).toMatchObject({ clips: 1, correct: 1 });
    },
    SLOW,
  );
});

/** The scores of the first windows of the sound, by the executable specification. */
async function referenceScores(): Promise<readonly (readonly number[])[]> {
  const { readSamples } = await import('../../agent/library/index.ts');
  const { testWindows } = await import('../../agent/lab/evaluation/evaluation.ts');
  const model = await readModel(modelPath('qmicro-acdnet-esc10'));
  const samples = await readSamples(join(folder, 'sound.wav'), model.metadata.sampleRate);
  const length = model.metadata.input.reduce((a, b) => a * b, 1);
  const windows = testWindows(samples, length).slice(0, COMPARED);
  return windows.map((window) => [...runReference(model, window).scores]);
}
