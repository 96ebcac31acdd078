import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { cString } from './c-source.ts';

const TEXTS = [
  'dog',
  'a "quoted" \\ name\\',
  'ends a comment */ or a line \r\n',
  '??/" and ??= with trigraphs',
  '\u0001\u001f\u007f7f',
  'Käfer, 犬, \u202eright to left',
  '%s %n $(x) `x`',
];

describe('cString', () => {
  it('means the very bytes of a text to a compiler, in printable ASCII', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'otolith-string-'));
    try {
      const lines = TEXTS.map(
        (text) => `fwrite(${cString(text)}, 1, sizeof ${cString(text)}, stdout);`,
      );
      expect(lines.join('')).toMatch(/^[\x20-\x7e]*$/);
      const source = join(folder, 'strings.c');
      await writeFile(source, `#include <stdio.h>\nint main(void) { ${lines.join('\n')} }\n`);
      const program = join(folder, 'strings');
      const run = promisify(execFile);
      await run('gcc', ['-std=c11', '-trigraphs', '-Wall', '-Werror', source, '-o', program]);
      const { stdout } = await run(program, [], { encoding: 'utf8' });
      expect(stdout).toBe(TEXTS.map((text) => `${text}\0`).join(''));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
