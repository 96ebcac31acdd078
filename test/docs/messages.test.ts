import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../agent/base/root.ts';
import { textOf } from './markdown.ts';

const files = execFileSync(
  'git',
  ['ls-files', 'agent/**/*.ts', 'agent/*.ts', 'deploy/setup', 'deploy/node-version'],
  {
    cwd: packageRoot,
    encoding: 'utf8',
  },
);

/** What the program is made of, strings that are put together written as one, quotes without escapes. */
const source = files
  .trim()
  .split('\n')
  .filter((file) => !file.endsWith('.test.ts'))
  .map((file) => readFileSync(join(packageRoot, file), 'utf8'))
  .join('\n')
  .replaceAll("\\'", "'");

it('every message that troubleshooting explains is one that the program has', () => {
  const messages = [...textOf('docs/troubleshooting.md').matchAll(/^\| `([^`]+)` \|/gm)];
  expect(messages.length).toBeGreaterThan(25);
  const unknown = messages.flatMap(([, message = '']) =>
    message
      .split('...')
      .map((part) => part.trim())
      .filter((part) => part.length > 3 && !source.includes(part)),
  );
  expect(unknown).toEqual([]);
});
