import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { VERSION } from '../base/version.ts';
import { pathOf } from './completion/values.ts';
import { helpTextOf } from './help.ts';
import { buildProgram } from './main.ts';
import { manPage } from './man.ts';

function all(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(all)];
}

/** Words of an example as a shell would hand them on: up to a comment, a pipe or a redirection. */
function wordsOf(example: string): readonly string[] {
  const line = example.replaceAll(/\\\n/g, ' ').split(/ #| \||[<>&)]|$/m)[0] ?? '';
  return line.trim().split(/\s+/);
}

/** The program with actions that do nothing: a command line is parsed, and that is all. */
function parser(): Command {
  const program = buildProgram();
  for (const command of all(program)) {
    command.exitOverride().configureOutput({ writeErr: () => {} });
    if (command.commands.length === 0) command.action(() => {});
  }
  return program;
}

const shown = all(buildProgram()).filter((command) => command.name() !== 'complete');

test.each(
  shown.map((command) => [`otolith ${pathOf(command).join(' ')}`.trim(), command] as const),
)('%s --help: examples of it that parse', async (name, command) => {
  const examples = helpTextOf(command)?.examples ?? [];
  const ours = examples.filter((example) => /(^|[(|] *)otolith /.test(example));
  expect(ours.some((example) => example.includes(name))).toBe(true);
  for (const example of ours) {
    const words = wordsOf(example.slice(example.search(/\botolith /))).slice(1);
    if (words.includes('--help')) continue;
    await expect(parser().parseAsync(words, { from: 'user' }), example).resolves.toBeDefined();
  }
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text), getOutHasColors: () => false });
  command.outputHelp();
  expect(help).toMatch(/^Examples:$/m);
  expect(help).not.toContain('\u001b');
});

test('every command stands under a heading of its own group', () => {
  const help = buildProgram().helpInformation();
  expect(help).not.toMatch(/^Commands:$/m);
  for (const heading of ['Listen and publish:', 'Boards:', 'Networks:', 'The program itself:']) {
    expect(help).toContain(`\n${heading}\n`);
  }
});

test('the manual page has every command with every option', () => {
  const page = manPage(buildProgram());
  expect(page).toContain(`"otolith ${VERSION}"`);
  for (const command of shown.filter(({ commands }) => commands.length === 0)) {
    expect(page).toContain(`.SS "otolith ${pathOf(command).join(' ')}`);
    for (const { long } of command.options) expect(page).toContain(long?.replaceAll('-', '\\-'));
  }
});
