import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../agent/base/root.ts';

function closingLine(vitest: string, status: number): { line: string; code: number | null } {
  const script = join(packageRoot, '.ci', 'closing-line');
  const run = spawnSync(script, ['3', '1', '1', `${status}`], { input: vitest, encoding: 'utf8' });
  return { line: run.stdout, code: run.status };
}

it.each([
  [
    '\x1b[2m      Tests \x1b[22m \x1b[1m\x1b[32m40 passed\x1b[39m\x1b[22m\x1b[2m | \x1b[22m\x1b[33m7 skipped\x1b[39m\x1b[90m (47)\x1b[39m\n',
    0,
    '43 passed, 1 failed, 8 skipped\n',
  ],
  [
    '      Tests  2 failed | 40 passed | 7 skipped | 1 todo (50)\n',
    1,
    '43 passed, 3 failed, 9 skipped\n',
  ],
  ['      Tests  5 skipped (5)\n', 0, '3 passed, 1 failed, 6 skipped\n'],
  ['  a suite that does not load\n', 1, '3 passed, 2 failed, 1 skipped\n'],
])('of the whole run counts what was skipped', (vitest, status, line) => {
  expect(closingLine(vitest, status)).toEqual({ line, code: 1 });
});
