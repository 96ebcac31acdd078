import { Command } from 'commander';
import { commands } from './commands.ts';
import { failureOf } from './failure.ts';

/** Builds the program; each command lives in its own file and adds itself. */
export function buildProgram(): Command {
  const program = new Command('otolith')
    .description(
      'Sound recognition at the edge that tells the truth about small networks:\n' +
        '8-bit against XNOR, compared on the gateway and measured on the board.',
    )
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed (one line says why), 2 the command line is wrong, 70 a bug in otolith,\n' +
        '141 nobody reads its output any more (it has not finished).',
    )
    .showHelpAfterError('(otolith --help lists what there is)')
    .exitOverride();
  for (const add of commands) add(program);
  return program;
}

/** Exit codes: 0 done, 1 failed (one line says why), 2 the command line is wrong, 70 a bug. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    await buildProgram().parseAsync(argv, { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    const { lines, exitCode } = failureOf(error);
    for (const line of lines) console.error(line);
    return exitCode;
  }
}
