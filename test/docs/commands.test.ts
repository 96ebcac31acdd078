import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../agent/base/root.ts';
import { otolithArguments, refusal, unknownWord } from './command-lines.ts';
import { documents, splitBlocks, textOf } from './markdown.ts';
import { commandsOf } from './shell-words.ts';

/** What is read by people who use otolith. */
const pages = documents().filter((path) => path === 'README.md' || /^docs\/.*\.md$/.test(path));

const shellBlocks = pages.flatMap((page) =>
  splitBlocks(textOf(page))
    .blocks.filter(({ language }) => language === 'sh')
    .map((block) => ({ page, ...block })),
);

it.each(pages)('otolith takes each of its command lines in %s', (page) => {
  const faults = shellBlocks
    .filter((block) => block.page === page)
    .flatMap(({ text, line }) =>
      commandsOf(text).flatMap((words) => {
        const args = otolithArguments(words);
        const why = args === undefined ? undefined : refusal(args);
        return why === undefined ? [] : [`block of line ${line}: ${words.join(' ')}: ${why}`];
      }),
    );
  expect(faults).toEqual([]);
});

it.each(pages)('what the text of %s says of otolith exists', (page) => {
  const mentions = [...splitBlocks(textOf(page)).prose.matchAll(/`((?:npx )?otolith [^`]+)`/g)];
  const faults = mentions.flatMap(([, mention = '']) =>
    commandsOf(mention).flatMap((words) => unknownWord(otolithArguments(words) ?? []) ?? []),
  );
  expect(faults).toEqual([]);
});

it('programs of this repository that the documents run are there', () => {
  const named = shellBlocks.flatMap(({ page, text }) =>
    commandsOf(text).flatMap((words) => {
      const program = words.find((word) => /^(\.\/)?(deploy|test)\/[\w/-]+$/.test(word));
      return program === undefined || words.includes('cp') ? [] : [{ page, program }];
    }),
  );
  expect(named.length).toBeGreaterThan(0);
  const missing = named.filter(({ program }) => {
    try {
      accessSync(join(packageRoot, program), constants.X_OK);
      return false;
    } catch {
      return true;
    }
  });
  expect(missing).toEqual([]);
});

it('code of documents stands in fenced blocks that say their language', () => {
  const indented = pages.filter((page) =>
    /\n\n {4,}(?:npx |npm |sudo |otolith |deploy\/)/.test(splitBlocks(textOf(page)).prose),
  );
  expect(indented).toEqual([]);
  const nameless = pages.filter((page) =>
    splitBlocks(textOf(page)).blocks.some(({ language }) => language === ''),
  );
  expect(nameless).toEqual([]);
});

it('what a comment says of the block below it is a word that test/fresh/readme knows', () => {
  const notes = pages.flatMap((page) => [...textOf(page).matchAll(/^<!-- (.*?)(?::.*)? -->$/gm)]);
  expect(notes.length).toBeGreaterThan(5);
  const known = ['not run', 'stand-in', 'runs', 'until', 'beside'];
  expect(notes.map(([, word]) => word).filter((word) => !known.includes(word ?? ''))).toEqual([]);
});

it('words of a shell line are those a shell would give', () => {
  expect(
    commandsOf(
      'A=1 npx otolith run --for \'5 m\' >x 2>&1 && npm start # why\nsudo mosquitto_sub -t "a/#" | head \\\n  -1 &',
    ),
  ).toEqual([
    ['npx', 'otolith', 'run', '--for', '5 m'],
    ['npm', 'start'],
    ['sudo', 'mosquitto_sub', '-t', 'a/#'],
    ['head', '-1'],
  ]);
});

it('a wrong line is seen', () => {
  expect(refusal(['run', '--fro', '5m'])).toContain('--fro');
  expect(refusal(['run', '--for', 'soon'])).toContain('soon');
  expect(refusal(['push', 'xnor-esc10'])).toContain('--board');
  expect(refusal(['topics', '--schema'])).toBeUndefined();
  expect(unknownWord(['push', '--imagge'])).toBe('push has no --imagge');
  expect(unknownWord(['config', 'chekc'])).toBe('config has no command chekc');
});
