import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../base/root.ts';
import { KERNEL_SETS, type KernelSet } from '../c/kernel-sets.ts';
import { acdnet } from '../nets/acdnet.ts';
import { ACDNET_PRESETS } from '../nets/presets.ts';
import { randomModel } from '../nets/random-model.ts';
import { emitModel } from './emit.ts';

const shape = { channels: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], classes: 3, samples: 6425 };
const mel = { ...ACDNET_PRESETS['mel-acdnet'], channels: [3, 4, 5, 6, 7, 8, 9, 10, 11] };
const NETS = [
  acdnet({ name: 'real', ...shape, form: 'real' }),
  acdnet({ name: 'paper', ...shape, form: 'paper' }),
  acdnet({ name: 'mel', ...mel, classes: 3, form: 'residual' }),
].map((net) => randomModel(net, 1, net.name));

const arm = (cpu: string, ...more: readonly string[]): readonly string[] => [
  ...['arm-none-eabi-gcc', '-mthumb', `-mcpu=${cpu}`, ...more],
];
const clang = (target: string, ...more: readonly string[]): readonly string[] => [
  ...['clang', `--target=${target}`, '-ffreestanding', '-Ifirmware/wasm', ...more],
];
const hard = '-mfloat-abi=hard';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otolith-dispatch-'));
  for (const model of NETS) {
    for (const kernels of KERNEL_SETS) {
      const { source } = emitModel(model, { kernels });
      await writeFile(sourceOf(model.metadata.name, kernels), source);
    }
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const sourceOf = (net: string, kernels: KernelSet): string => join(folder, `${net}-${kernels}.c`);

/** What a compiler says of a file; '' if it compiles. */
function compile(
  [tool = '', ...flags]: readonly string[],
  source: string,
  include = 'firmware/nn',
): Promise<string> {
  const args = [...flags, `-I${include}`, '-c', source, '-o', join(folder, 'out.o')];
  return new Promise((resolve, reject) => {
    execFile(tool, args, { cwd: packageRoot }, (error, _out, messages) => {
      if (error?.code === 'ENOENT') reject(error);
      else resolve(error === null ? '' : messages);
    });
  });
}

const DSP_IN_PLACE = /made for Cortex-M4, M7 and M33 .*no Cortex-M: use arm-none-eabi-gcc/;
const REFUSED: readonly (readonly [KernelSet, readonly string[], RegExp])[] = [
  ['dsp', ['gcc'], DSP_IN_PLACE],
  ['dsp', ['clang'], DSP_IN_PLACE],
  ['dsp', clang('armv7-linux-gnueabihf'), DSP_IN_PLACE],
  ['dsp', clang('wasm32', '-msimd128'), DSP_IN_PLACE],
  ['dsp', arm('cortex-m0'), /without the DSP extension.*--target portable/],
  ['dsp', arm('cortex-m3'), /without the DSP extension.*--target portable/],
  ['dsp', arm('cortex-m33+nodsp'), /without the DSP extension.*--target portable/],
  ['dsp', arm('cortex-m55', hard), /target has MVE.*--board cortex-m55/],
  ['dsp', clang('arm-none-eabi', '-mcpu=cortex-m4'), /this compiler.*use arm-none-eabi-gcc/],
  ['mve', ['gcc'], /made for Cortex-M55 .*no Cortex-M: use arm-none-eabi-gcc/],
  ['mve', arm('cortex-m4'), /Cortex-M without MVE.*--board cortex-m4/],
  ['mve', arm('cortex-m55'), /without MVE: give -mcpu=cortex-m55 -mfloat-abi=hard/],
  ['mve', arm('cortex-m55+nomve', hard), /Cortex-M without MVE/],
  ['mve', clang('arm-none-eabi', '-mcpu=cortex-m55', hard), /this compiler.*use arm-none-eabi-gcc/],
  ['wasm', ['clang'], /made for WebAssembly.*no WebAssembly: use clang --target=wasm32/],
  ['wasm', arm('cortex-m4'), /no WebAssembly/],
  ['wasm', clang('wasm32'), /SIMD, which the compiler's target lacks: give -msimd128/],
  ['portable', arm('cortex-m3', '-mbig-endian'), /big-endian/],
  ['portable', ['gcc', '-DOTO_KERNELS_DSP'], /does not say which kernels/],
  ['portable', ['gcc', '-UOTO_KERNELS_PORTABLE', '-DOTO_KERNELS_MVE'], /does not say which/],
];

describe('generated C', () => {
  it.each(REFUSED)(
    'of %s kernels is refused by %s with one sentence',
    async (kernels, tool, why) => {
      const said = await compile(tool, sourceOf('real', kernels));
      expect(said).toMatch(why);
      expect(said.match(/error:/g)).toHaveLength(1);
    },
  );

  const accepted: readonly (readonly [KernelSet, readonly string[]])[] = [
    ...['gcc', 'clang'].map((tool) => ['portable', [tool]] as const),
    ...['c99', 'c11', 'gnu17'].map((std) => ['portable', ['gcc', `-std=${std}`]] as const),
    ...['cortex-m0', 'cortex-m3', 'cortex-m4', 'cortex-m33+nodsp'].map(
      (cpu) => ['portable', arm(cpu)] as const,
    ),
    ['portable', arm('cortex-m55', hard)],
    ['portable', clang('wasm32')],
    ['portable', clang('armv7-linux-gnueabihf', '-Ifirmware/wasm')],
    ...['cortex-m4', 'cortex-m7', 'cortex-m33', 'cortex-m35p', 'cortex-m55+nomve'].map(
      (cpu) => ['dsp', arm(cpu)] as const,
    ),
    ['mve', arm('cortex-m55', hard)],
    ['wasm', clang('wasm32', '-msimd128')],
  ];
  const strict = ['-Wall', '-Wextra', '-Werror', '-Wconversion'];
  it.each(accepted)('of %s kernels is accepted by %s', async (kernels, tool) => {
    const source = sourceOf('real', kernels);
    expect(await compile([...tool, ...strict, '-fsyntax-only'], source)).toBe('');
  });

  const framed = ['-g', '-fno-omit-frame-pointer', '-fno-inline'];
  const levels: readonly (readonly [KernelSet, readonly string[]])[] = [
    ['dsp', arm('cortex-m4', '-O0', ...framed)],
    ['dsp', arm('cortex-m4', '-Og', ...framed)],
    ['dsp', arm('cortex-m33', '-Os')],
    ['mve', arm('cortex-m55', hard, '-O0', ...framed)],
    ['mve', arm('cortex-m55', hard, '-Og', ...framed)],
    ['mve', arm('cortex-m55', hard, '-Os')],
    ['wasm', clang('wasm32', '-msimd128', '-O0')],
  ];
  it.each(levels)(
    'of %s kernels is compiled by %s',
    async (kernels, tool) => {
      for (const { metadata } of NETS) {
        const source = sourceOf(metadata.name, kernels);
        expect(await compile([...tool, ...strict], source), metadata.name).toBe('');
      }
    },
    60_000,
  );

  it.each([
    ['dsp', arm('cortex-m4'), 'mel', 'OTO_CONV_SCRATCH'],
    ['mve', arm('cortex-m55', hard), 'mel', 'OTO_XNOR_RUN_SCRATCH'],
    ['wasm', clang('wasm32', '-msimd128'), 'real', 'OTO_CONV_SCRATCH'],
    ['portable', ['gcc'], 'mel', 'OTO_LOG_MEL_STATE'],
    ['portable', ['gcc'], 'real', 'sizeof\\(oto_tile\\)'],
  ] as const)(
    'of %s kernels asserts that they have their room, to the byte',
    async (kernels, tool, net, what) => {
      const source = await readFile(sourceOf(net, kernels), 'utf8');
      const assertion = new RegExp(`(${what}.* <= )(\\d+)`);
      expect(source).toMatch(assertion);
      const less = source.replace(
        assertion,
        (_, text: string, bytes) => `${text}${Number(bytes) - 1}`,
      );
      const path = join(folder, 'less.c');
      await writeFile(path, less);
      expect(await compile([...tool, '-fsyntax-only'], path)).toMatch(/static.assert/i);
    },
  );

  it('is refused beside headers of a version that packs otherwise', async () => {
    const other = await mkdtemp(join(tmpdir(), 'otolith-headers-'));
    try {
      await writeFile(join(other, 'oto_nn.h'), '#define OTO_NN_FORMAT 0\n');
      const said = await compile(['gcc'], sourceOf('real', 'portable'), other);
      expect(said).toMatch(/of different versions; take both from one/);
      expect(said.match(/error:/g)).toHaveLength(1);
    } finally {
      await rm(other, { recursive: true, force: true });
    }
  });
});
