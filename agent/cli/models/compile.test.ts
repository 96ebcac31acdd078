import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { formatModel } from '../../model/model.ts';
import { acdnet } from '../../nets/acdnet.ts';
import { randomModel } from '../../nets/random-model.ts';
import { compile } from './compile.ts';

const MODEL = 'xmicro-acdnet-esc10';

describe('otolith compile', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otolith-compile-'));
    vi.spyOn(console, 'log').mockReturnValue();
    // No compiler is found: C alone needs none.
    vi.stubEnv('PATH', folder);
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true, force: true });
  });

  it.each([
    ['portable', 'OTO_KERNELS_PORTABLE'],
    ['wasm', 'OTO_KERNELS_WASM'],
    ['cortex-m7', 'OTO_KERNELS_DSP'],
    ['cortex-m55', 'OTO_KERNELS_MVE'],
  ])(
    'writes C for %s that says which kernels it is for, without a compiler',
    async (target, kernels) => {
      const source = join(folder, 'model.c');
      await compile(MODEL, { target, source });
      expect(await readFile(source, 'utf8')).toContain(`#define ${kernels} `);
    },
  );

  it('exports the same bytes again over an export that nobody touched', async () => {
    // The reference computes the known scores of each export: a small network's in no time.
    const channels = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    const net = acdnet({ name: 'small', channels, classes: 3, form: 'residual', samples: 6425 });
    const small = join(folder, 'small.safetensors');
    await writeFile(small, formatModel(randomModel(net, 1, 'test')));
    const path = join(folder, 'net');
    await compile(small, { target: 'portable', export: path });
    const manifest = await readFile(join(path, 'otolith-export.json'), 'utf8');
    await compile(small, { board: 'cortex-m4', export: path });
    expect(await readdir(join(path, 'nn/conv'))).toContain('dsp.h');
    await compile(small, { target: 'portable', export: path, json: true });
    expect(await readFile(join(path, 'otolith-export.json'), 'utf8')).toBe(manifest);
    expect(await readdir(join(path, 'nn/conv'))).not.toContain('dsp.h');
  });

  it('says in one line what is wrong with a target', async () => {
    const one = /^one target is needed; give --wasm, --target portable, or --board with one of/;
    await expect(compile(MODEL, {})).rejects.toMatchObject({ line: expect.stringMatching(one) });
    const two = compile(MODEL, { target: 'portable', board: 'cortex-m4' });
    await expect(two).rejects.toMatchObject({ line: expect.stringMatching(one) });
    await expect(compile(MODEL, { target: 'cortex-m3' })).rejects.toMatchObject({
      line: 'there is no target "cortex-m3"; targets are: portable, wasm, cortex-m4, cortex-m7, cortex-m33, cortex-m55',
    });
    const wasm = compile(MODEL, { wasm: true, export: join(folder, 'net') });
    await expect(wasm).rejects.toMatchObject({ code: 'export' });
    expect(await readdir(folder)).toEqual([]);
  });
});
