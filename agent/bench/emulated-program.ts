import type { BoardFile } from '../boards/board-file.ts';
import type { Program } from '../compiler/build.ts';
import { coreOf } from '../compiler/targets.ts';
import { runTool, type Spawn } from '../compiler/toolchain.ts';
import { UserError } from '../errors.ts';
import { boardDefines, boardSources, linkerFlags } from '../firmware/firmware-build.ts';
import { packageRoot } from '../root.ts';

/** A program of its own for an emulated board: no bootloader, output and exit over semihosting. */
export type Guest = Omit<Program, 'target' | 'link'>;

/** A guest as a program for the board's core, with its drivers and its memory map. */
export function guestProgram(board: BoardFile, guest: Guest): Program {
  return {
    target: { kind: 'board', core: coreOf(board.core), flags: board.flags },
    models: guest.models,
    sources: [
      ...guest.sources,
      'firmware/boards/arm/semihost.c',
      ...boardSources(packageRoot, board),
    ],
    generated: guest.generated ?? [],
    includes: [
      ...(guest.includes ?? []),
      'firmware/boards',
      'firmware/boards/arm',
      'firmware/boot',
    ],
    defines: [...boardDefines(board), ...(guest.defines ?? [])],
    link: linkerFlags(packageRoot, board, 'bench'),
  };
}

export interface GuestOptions {
  readonly task: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly spawn?: Spawn | undefined;
}

/**
 * Runs a guest under QEMU, one instruction a nanosecond of its time, and returns what it printed.
 * @throws UserError `emulator` when the board has none; `tool-missing`, `tool-timeout`, `tool-failed`
 */
export function runGuest(board: BoardFile, elf: string, options: GuestOptions): Promise<string> {
  if (board.emulated === null) {
    throw new UserError('emulator', `the board ${board.id} has no emulator`, {
      mend: 'choose an emulated board: otolith bench --help lists them',
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
