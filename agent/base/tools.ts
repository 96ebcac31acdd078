import type { spawn } from 'node:child_process';

/** Programs that otolith runs, and the Debian package of each. */
export const TOOL_PACKAGES = {
  'arm-none-eabi-gcc': 'gcc-arm-none-eabi',
  'arm-none-eabi-size': 'binutils-arm-none-eabi',
  'arm-none-eabi-objcopy': 'binutils-arm-none-eabi',
  clang: 'clang',
  'wasm-ld': 'lld',
  'qemu-system-arm': 'qemu-system-arm',
} as const;

export type Tool = keyof typeof TOOL_PACKAGES;

/** Starts a program; tests give one of their own. */
export type Spawn = typeof spawn;
