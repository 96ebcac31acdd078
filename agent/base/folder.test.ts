import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeFolder } from './folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'otolith-folder-'));

it('makes what is missing, and finds what is there', async () => {
  await makeFolder(join(folder, 'a/b/c'), 0o700);
  await makeFolder(join(folder, 'a/b/c'));
  expect(statSync(join(folder, 'a/b/c')).mode & 0o777).toBe(0o700);
});

it('fails where a file is in the way', async () => {
  writeFileSync(join(folder, 'file'), '');
  await expect(makeFolder(join(folder, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolder(join(folder, 'file/a'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});

// Node's own recursive mkdir never returns there, with a processor at work.
it.runIf(process.platform === 'linux')('fails where no folder can be made', async () => {
  await expect(makeFolder('/proc/otolith/a/b')).rejects.toMatchObject({ code: 'ENOENT' });
});
