import { styleText } from 'node:util';
import type { Command } from 'commander';

/** What a command's help says below its options. */
export interface HelpText {
  /** Paragraphs, which are wrapped to the terminal. */
  readonly notes?: readonly string[];
  /** Command lines as one would type them; after a # what they do. */
  readonly examples: readonly string[];
}

const texts = new WeakMap<Command, HelpText>();

/** Gives a command its notes and examples: for `--help`, the man page, and the test that every example parses. */
export function explain(command: Command, text: HelpText): Command {
  texts.set(command, text);
  return command.addHelpText('after', () => belowOptions(command, text));
}

export function helpTextOf(command: Command): HelpText | undefined {
  return texts.get(command);
}

function belowOptions(command: Command, { notes = [], examples }: HelpText): string {
  const help = command.createHelp();
  const { getOutHelpWidth } = command.configureOutput();
  const paragraphs = notes.map((note) => help.boxWrap(note, getOutHelpWidth?.() ?? 80));
  const lines = examples.map((line) => `  ${line.replaceAll('\n', '\n  ')}`);
  return ['', ...paragraphs, `${heading('Examples:')}\n${lines.join('\n')}`].join('\n\n').slice(1);
}

/** Commander takes the colours out again where nothing shows them. */
const heading = (text: string): string => painted('bold', text);
const word = (text: string): string => painted('cyan', text);

function painted(how: 'bold' | 'cyan', text: string): string {
  return styleText(how, text, { validateStream: false });
}

/** How help looks on a terminal. */
export const helpStyle = {
  styleTitle: heading,
  styleCommandText: word,
  styleSubcommandText: word,
  styleOptionText: word,
  styleArgumentText: word,
} as const;
