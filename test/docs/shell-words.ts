/** A command of a shell line: its words, quotes taken off; assignments before it and redirections left out. */
export type Words = readonly string[];

const TOKEN =
  /(?<space>[ \t]+)|(?<comment>#[^\n]*)|(?<redirect>\d?(?:>>|>&|>|<)[ \t]*[^\s;|&]*)|(?<end>&&|\|\||[;|&\n()])|(?<word>(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s;|&()<>'"\\])+)/gy;

const QUOTED = /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/gs;

/** The simple commands of a shell text. Enough of the shell for documents: no loops, no here-documents, no substitutions. */
export function commandsOf(shell: string): readonly Words[] {
  const commands: string[][] = [[]];
  for (const { groups = {} } of shell.replaceAll('\\\n', ' ').matchAll(TOKEN)) {
    const command = commands.at(-1);
    if (groups.end !== undefined) commands.push([]);
    else if (groups.word !== undefined) {
      command?.push(
        groups.word.replaceAll(QUOTED, (_, single, double, escaped) =>
          String(single ?? double ?? escaped),
        ),
      );
    }
  }
  return commands
    .map((words) => words.slice(words.findIndex((word) => !/^[A-Z_]+=/.test(word))))
    .filter((words) => words.length > 0);
}
