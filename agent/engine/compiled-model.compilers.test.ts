import { type SpawnOptions, spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random, randomSamples } from '../base/random.ts';
import { runReference } from '../model/reference.ts';
import { acdnet } from '../nets/acdnet.ts';
import { randomModel } from '../nets/random-model.ts';
import { wasmKey, wasmOf } from './cache.ts';
import { CompiledModel } from './compiled-model.ts';

const net = (form: 'real' | 'residual', classes = 3) =>
  acdnet({
    name: `tiny-${form}`,
    channels: [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13],
    conv12: 6,
    classes,
    form,
    samples: 6425,
  });
const int8 = randomModel(net('real'), 1, 'tiny');
const xnor = randomModel(net('residual'), 2, 'tiny residual');
const samples = randomSamples(new Random(5), 6425);

let cache: string;
beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'otolith-engine-'));
});
afterAll(() => rm(cache, { recursive: true }));

describe('a compiled model', () => {
  it('gives the integers of the reference, whole or in portions, window after window', async () => {
    const compiled = await CompiledModel.load(int8, { cache });
    const expected = runReference(int8, samples).scores;
    const whole = compiled.run(samples);
    expect([...whole.scores]).toEqual([...expected]);
    expect(whole.probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    expect(whole.label).toBe(`class_${whole.class}`);

    compiled.reset();
    for (let at = 0; at < samples.length; at += 777) compiled.feed(samples.subarray(at, at + 777));
    expect([...compiled.finish().scores]).toEqual([...expected]);
  });

  it('is compiled once', async () => {
    const commands: string[] = [];
    const counting = ((command: string, args: readonly string[], options: SpawnOptions) => {
      commands.push(args.includes('--version') ? 'version' : 'compile or link');
      return spawn(command, args, options);
    }) as typeof spawn;
    await CompiledModel.load(xnor, { cache, spawn: counting });
    expect(commands).toContain('compile or link');
    commands.length = 0;
    await CompiledModel.load(xnor, { cache, spawn: counting });
    expect(commands).toEqual(['version']);
  });

  it('asks for no compiler where the package brought the module, and for one where its inputs differ', async () => {
    const prebuilt = await mkdtemp(join(tmpdir(), 'otolith-brought-'));
    await writeFile(join(prebuilt, `${await wasmKey(int8)}.wasm`), await wasmOf(int8, { cache }));
    const refuse = ((command: string, args: readonly string[], options: SpawnOptions) =>
      spawn(`no-${command}`, args, options)) as typeof spawn;
    const empty = join(prebuilt, 'cache');
    const source = { cache: empty, prebuilt, spawn: refuse };
    const brought = await CompiledModel.load(int8, source);
    expect([...brought.run(samples).scores]).toEqual([...runReference(int8, samples).scores]);
    await expect(readdir(empty)).rejects.toThrow(/ENOENT/);
    await expect(CompiledModel.load(xnor, source)).rejects.toMatchObject({ code: 'tool-missing' });
    await rm(prebuilt, { recursive: true });
  });

  it('refuses too many or too few samples', async () => {
    const compiled = await CompiledModel.load(int8, { cache });
    expect(() => compiled.run(samples.subarray(1))).toThrow(/6424 of the 6425/);
    expect(() => compiled.run(new Int16Array(6426))).toThrow(/more than the 6425/);
  });

  it('refuses a module of another model, and bytes that are none', async () => {
    const folder = join(cache, 'wasm');
    const compiled = await CompiledModel.load(int8, { cache });
    const [name = ''] = await readdir(folder);
    await writeFile(join(folder, name), new Uint8Array([0, 97, 115, 109]));
    const failure = Promise.all([
      CompiledModel.load(int8, { cache }),
      CompiledModel.load(xnor, { cache }),
    ]);
    await expect(failure).rejects.toThrow(/could not be loaded/);
    expect(compiled.run(samples).scores).toHaveLength(3);
  });
});
