import { UserError } from '../base/errors.ts';
import type { Tool } from '../base/tools.ts';
import { CORES, type Core } from '../boards/cores.ts';

/** What C is compiled for. */
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
      hint: `cores are: ${CORES.join(', ')}`,
    });
  }
  return core;
}

/** Name of a target in messages. */
export function targetName(target: Target): string {
  return target.kind === 'board' ? target.core : target.kind;
}

/** The compiler of a target, which links too. */
export function toolOf(target: Target): Tool {
  return target.kind === 'board' ? 'arm-none-eabi-gcc' : 'clang';
}
