import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../base/root.ts';
import type { Spawn } from '../base/tools.ts';
import { readBoardFile } from '../boards/board-file.ts';
import { CORES } from '../boards/cores.ts';
import { coreOf, type Target } from '../build/target.ts';
import { acdnet } from '../nets/acdnet.ts';
import { randomModel } from '../nets/random-model.ts';
import { compileObject } from './build.ts';
import { buildWasm } from './build-wasm.ts';
import { flashBytesOf } from './elf.ts';
import { emitModel } from './emit.ts';
import { kernelsFor } from './targets.ts';

const net = acdnet({
  name: 'small',
  channels: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
  classes: 3,
  form: 'residual',
  samples: 6425,
});
const model = randomModel(net, 1, 'small');
const boardTarget = (core: (typeof CORES)[number]): Target => ({
  kind: 'board',
  core,
  flags: readBoardFile(packageRoot, core).flags,
});

describe('compiling', () => {
  it('gives the same C every time, of one model_t that a person can find', () => {
    for (const target of [...CORES.map(boardTarget), { kind: 'wasm' } as const]) {
      const kernels = kernelsFor(target);
      const { source } = emitModel(model, { kernels });
      expect(emitModel(model, { kernels }).source).toBe(source);
      expect(source).toContain('const oto_model oto_model_instance');
      expect(source).toContain(model.hash);
      expect(source).not.toMatch(/\/(tmp|home|work)\//);
    }
  });

  it('gives the same bytes every time', async () => {
    const [a, b] = [await buildWasm([model]), await buildWasm([model])];
    expect(Buffer.compare(a, b)).toBe(0);
    const target = boardTarget('cortex-m4');
    const [c, d] = [await compileObject(model, target), await compileObject(model, target)];
    expect(Buffer.compare(c, d)).toBe(0);
    expect(Buffer.from(c).toString('latin1')).not.toMatch(/\/(tmp|home|work)\//);
  });

  it('counts the flash of an object: at least its weights', async () => {
    const { constantBytes } = emitModel(model, { kernels: kernelsFor(boardTarget('cortex-m33')) });
    const bytes = flashBytesOf(await compileObject(model, boardTarget('cortex-m33')));
    expect(bytes).toBeGreaterThan(constantBytes);
    expect(bytes).toBeLessThan(constantBytes + 60_000);
  });

  it('says in one line that a compiler is missing', async () => {
    const nothing = ((_tool: string, args: readonly string[], options: object) =>
      spawn('/nowhere/gcc', [...args], options)) as Spawn;
    const build = compileObject(model, boardTarget('cortex-m7'), { spawn: nothing });
    await expect(build).rejects.toMatchObject({
      line: 'arm-none-eabi-gcc is missing; run deploy/setup, or apt-get install gcc-arm-none-eabi',
    });
    await expect(buildWasm([model], { spawn: nothing })).rejects.toThrow(/clang is missing/);
  });

  it('knows which cores it has kernels for', () => {
    expect(coreOf('cortex-m55')).toBe('cortex-m55');
    expect(() => coreOf('cortex-m0')).toThrow(/no kernels for the core "cortex-m0"/);
  });
});
