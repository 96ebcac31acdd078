import type { Command } from 'commander';

/** Characters of a line in the reference, whatever terminal it is made in. */
const WIDTH = 100;

interface Leaf {
  /** Such as `otolith compress prune`. */
  readonly path: string;
  readonly command: Command;
}

/** Commands that do something, in the order of the help; what is not shown there is not listed here. */
function leavesOf(command: Command, above = ''): readonly Leaf[] {
  const path = `${above}${command.name()}`;
  const children = command
    .createHelp()
    .visibleCommands(command)
    .filter((each) => each.name() !== 'help');
  const own = children.length === 0 ? [{ path, command }] : [];
  return [...own, ...children.flatMap((child) => leavesOf(child, `${path} `))];
}

/** What `--help` prints, examples included, without colours. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
    getOutHelpWidth: () => WIDTH,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text.trim();
}

/** Anchor of a heading that names a command. */
const anchorOf = (path: string) => path.replaceAll(' ', '-');

/** Every command as Markdown: a table, then what each one's `--help` prints. */
export function commandReference(program: Command): string {
  const leaves = leavesOf(program);
  const rows = leaves.map(({ path, command }) => {
    const summary = command
      .description()
      .replaceAll('\n', ' ')
      .replaceAll('|', '\\|')
      .replaceAll('<', '&lt;');
    return `| [\`${path}\`](#${anchorOf(path)}) | ${summary} |`;
  });
  const sections = leaves.map(
    ({ path, command }) => `## ${path}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\`\n`,
  );
  return ['| command | what it does |', '|---|---|', ...rows, '', ...sections].join('\n').trimEnd();
}
