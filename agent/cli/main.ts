import { Command } from 'commander';
import { printableLines } from '../../protocol/printable.ts';
import { VERSION } from '../base/version.ts';
import { addCommands } from './commands.ts';
import { EXIT, EXIT_CODES, failureOf } from './failure.ts';
import { explain, helpStyle } from './help.ts';

/** Builds the program; each command lives in its own file and adds itself. `json`: whoever parses prints its errors. */
export function buildProgram({ json = false }: { readonly json?: boolean } = {}): Command {
  const program = new Command('otolith')
    .description(
      'Sound recognition at the edge that tells the truth about small networks:\n' +
        '8-bit against XNOR, compared on the gateway and measured on the board.',
    )
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .configureHelp(helpStyle)
    .showHelpAfterError('(otolith --help lists what there is)')
    // An error repeats what was typed; with `json` it is printed once, as JSON.
    .configureOutput({
      writeErr: (text) => void (json || process.stderr.write(printableLines(text))),
    })
    .exitOverride();
  addCommands(program);
  program.helpCommand('help [command]', 'show the help of a command');
  const codes = EXIT_CODES.map(([code, means]) => `${code} ${means}`).join(', ');
  return explain(program, {
    notes: [
      `Exit codes: ${codes}.`,
      'With --json a command that fails prints {"error":{"code","message","hint"}}, the last line of its standard output; hint is null where there is none.',
    ],
    examples: [
      'otolith run --demo --for 1m     # three networks hear clips; one goes to an emulated board',
      'otolith push --help             # what a command takes, with examples',
    ],
  });
}

/** Exit codes: 0 done, 1 failed (one line says why), 2 the command line is wrong, 70 a bug. */
export async function main(argv: readonly string[]): Promise<number> {
  const json = argv
    .slice(0, argv.includes('--') ? argv.indexOf('--') : undefined)
    .includes('--json');
  try {
    await buildProgram({ json }).parseAsync(argv, { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    const { lines, facts, exitCode } = failureOf(error);
    if (json && exitCode !== 0) console.log(JSON.stringify({ error: facts }));
    // With --json a line of JSON says it all, but for the stack of a bug.
    if (!json || exitCode === EXIT.bug) for (const line of lines) console.error(line);
    return exitCode;
  }
}
