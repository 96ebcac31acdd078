import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../base/root.ts';

/** What the command says in a folder that holds it alone, with or without what a clone has. */
function said(clone: boolean): string {
  const folder = mkdtempSync(join(tmpdir(), 'otolith-launcher-'));
  mkdirSync(join(folder, 'agent/cli'), { recursive: true });
  const launcher = 'agent/cli/otolith.mjs';
  cpSync(join(packageRoot, launcher), join(folder, launcher));
  if (clone) {
    mkdirSync(join(folder, 'deploy'));
    writeFileSync(join(folder, 'deploy/setup'), '');
  }
  const { status, stderr } = spawnSync(process.execPath, [join(folder, launcher)]);
  expect(status).toBe(1);
  return String(stderr);
}

it('says how to build the program, or how the package should have been packed', () => {
  expect(said(true)).toBe(
    'otolith: the program is not built yet; run deploy/setup (or npm run build) first\n',
  );
  expect(said(false)).toBe(
    'otolith: this package was packed without its program; pack it by "npm run package", in a clone of otolith\n',
  );
});
