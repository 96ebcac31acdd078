import { UserError } from '../base/errors.ts';
import { packageRoot } from '../base/root.ts';
import type { Spawn } from '../base/tools.ts';
import type { BoardFile } from '../boards/board-file.ts';
import { boardParts, boardTarget } from '../build/firmware-plans.ts';
import { runTool } from '../build/toolchain.ts';
import type { Program } from '../compiler/build.ts';

/** A program for an emulated board without bootloader; output and exit go over semihosting. */
export type EmulatedProgram = Omit<Program, 'target' | 'link' | 'linkScript'>;

/** The program for the board's core, with its drivers and its memory map. */
export function programFor(board: BoardFile, program: EmulatedProgram): Program {
  const parts = boardParts(board);
  return {
    ...program,
    ...{ target: boardTarget(board), link: parts.link, linkScript: parts.linkScript },
    sources: [...program.sources, ...parts.sources],
    includes: [...(program.includes ?? []), ...parts.includes],
    defines: [...parts.defines, ...(program.defines ?? [])],
  };
}

export interface EmulationOptions {
  readonly task: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly spawn?: Spawn | undefined;
}

/**
 * Runs a program under QEMU, one instruction a nanosecond of its time, and returns what it printed.
 * @throws UserError `emulator` when the board has none; `tool-missing`, `tool-timeout`, `tool-failed`
 */
export function runEmulated(
  board: BoardFile,
  elf: string,
  options: EmulationOptions,
): Promise<string> {
  if (board.emulated === null) {
    throw new UserError('emulator', `the board ${board.id} has no emulator`, {
      hint: 'choose an emulated board: otolith bench --help lists them',
    });
  }
  const args = [
    ...['-M', board.emulated.machine, '-icount', 'shift=0'],
    ...['-display', 'none', '-serial', 'null', '-monitor', 'none'],
    ...['-chardev', 'stdio,id=out'],
    ...['-semihosting-config', 'enable=on,target=native,chardev=out'],
    ...['-kernel', elf],
  ];
  return runTool({ tool: 'qemu-system-arm', args }, { ...options, cwd: packageRoot });
}
