import type { Command } from 'commander';
import { buildProgram } from '../../agent/cli/main.ts';
import type { Words } from './shell-words.ts';

/** The arguments of otolith in a command of a document, or undefined where it is another program. */
export function otolithArguments(words: Words): readonly string[] | undefined {
  const [first, second, ...rest] = words;
  if (first === 'otolith') return words.slice(1);
  if ((first === 'npx' || first === 'sudo') && second === 'otolith') return rest;
  if (first !== 'npm' || second !== 'start') return undefined;
  const dashes = words.indexOf('--');
  return ['run', '--demo', ...(dashes < 0 ? [] : words.slice(dashes + 1))];
}

/** The program, of which each command only looks at its arguments. */
function idleProgram(): Command {
  const program = buildProgram();
  const idle = (command: Command): void => {
    command.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} });
    command.showHelpAfterError(false);
    if (command.commands.length === 0) command.action(() => {});
    for (const each of command.commands) idle(each);
  };
  idle(program);
  return program;
}

/** What the program would say against a command line, or undefined where it takes it. */
export function refusal(args: readonly string[]): string | undefined {
  try {
    idleProgram().parse(args, { from: 'user' });
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const asked = ['commander.helpDisplayed', 'commander.version'].includes(code);
    return asked ? undefined : String(error instanceof Error ? error.message : error);
  }
}

/**
 * The same for a mention in running text, such as `otolith push --image`, which may leave out what a command needs: an
 * unknown command or option.
 */
export function unknownWord(args: readonly string[]): string | undefined {
  let command = buildProgram();
  for (const word of args) {
    if (word.startsWith('-')) {
      const [flag] = word.split('=');
      const known = command.options.some(({ long, short }) => long === flag || short === flag);
      if (!known && !['--help', '-h'].includes(word)) return `${command.name()} has no ${word}`;
      continue;
    }
    const next = command.commands.find((each) => each.name() === word);
    if (next !== undefined) command = next;
    else if (command.commands.length > 0 && word !== 'help')
      return `${command.name()} has no command ${word}`;
  }
  return undefined;
}
