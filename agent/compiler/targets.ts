import { UserError } from '../errors.ts';
import { CORES, type Core } from './cores.ts';
import type { KernelSet } from './kernel-sets.ts';
import type { Tool } from './toolchain.ts';

/** What generated C is compiled for. */
export type Target =
  /** A board; `flags` are its processor flags, from board.json. */
  | { readonly kind: 'board'; readonly core: Core; readonly flags: readonly string[] }
  /** Any compiler and processor. */
  | { readonly kind: 'portable' }
  /** The gateway. */
  | { readonly kind: 'wasm' }
  /** This machine with sanitizers, for tests. */
  | { readonly kind: 'host' };

/** @throws UserError `core` when a board's core has no kernels. */
export function coreOf(name: string): Core {
  const core = CORES.find((c) => c === name);
  if (core === undefined) {
    throw new UserError('core', `there are no kernels for the core "${name}"`, {
      mend: `cores are: ${CORES.join(', ')}`,
    });
  }
  return core;
}

/** The kernels that a target runs; firmware/nn/oto_nn.h refuses a compiler whose target cannot run them. */
export function kernelsFor(target: Target): KernelSet {
  switch (target.kind) {
    case 'host':
    case 'portable':
      return 'portable';
    case 'wasm':
      return 'wasm';
    case 'board':
      return CORE_KERNELS[target.core];
  }
}

const CORE_KERNELS: Readonly<Record<Core, KernelSet>> = {
  'cortex-m4': 'dsp',
  'cortex-m7': 'dsp',
  'cortex-m33': 'dsp',
  'cortex-m55': 'mve',
};

/** Name of a target in messages. */
export function targetName(target: Target): string {
  return target.kind === 'board' ? target.core : target.kind;
}

const WARNINGS = ['-Wall', '-Wextra', '-Werror', '-Wconversion'];

/** Compiler of a target and its flags: processor, language, warnings, optimisation. */
export function compilerOf(target: Target): {
  readonly tool: Tool;
  readonly flags: readonly string[];
} {
  switch (target.kind) {
    case 'board':
      return {
        tool: 'arm-none-eabi-gcc',
        flags: [
          ...target.flags,
          '-mthumb',
          '-ffunction-sections',
          '-fdata-sections',
          ...['-std=c11', ...WARNINGS, '-O3'],
        ],
      };
    case 'wasm':
      return {
        tool: 'clang',
        flags: [
          '--target=wasm32',
          '-msimd128',
          '-mbulk-memory',
          '-ffreestanding',
          ...['-std=c11', ...WARNINGS, '-O3'],
        ],
      };
    case 'portable':
      return { tool: 'clang', flags: ['-std=c11', ...WARNINGS, '-O3'] };
    case 'host':
      return {
        tool: 'clang',
        flags: [
          '-fsanitize=address,undefined',
          '-fno-sanitize-recover=all',
          '-gline-tables-only',
          ...['-std=c11', ...WARNINGS, '-O1'],
        ],
      };
  }
}

/** Folders of C headers, relative to firmware/. */
export function includesOf(target: Target): readonly string[] {
  return target.kind === 'wasm' ? ['nn', 'wasm'] : ['nn'];
}
