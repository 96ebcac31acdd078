import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lockPort } from './lock.ts';

it('locks in the folder that all users share where there is one, else in /tmp', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'otolith-locks-'));
  const folders = { shared: join(folder, 'run'), own: join(folder, 'tmp') };
  const give = await lockPort('/dev/ttyTEST0', folders);
  expect(await readdir(folders.own)).toContain('_dev_ttyTEST0.lock');
  await give();

  await mkdir(folders.shared);
  // What a killed process left behind says nothing about who has the port now.
  await writeFile(join(folders.shared, '_dev_ttyTEST0.pid'), '1\n', { mode: 0o444 });
  const umask = process.umask(0o077); // as the service has it
  const release = await lockPort('/dev/ttyTEST0', folders);
  process.umask(umask);
  expect((await readdir(folders.shared)).sort()).toEqual([
    '_dev_ttyTEST0.lock',
    '_dev_ttyTEST0.pid',
  ]);
  const { mode } = await stat(join(folders.shared, '_dev_ttyTEST0.pid'));
  expect(mode & 0o777).toBe(0o644);
  await expect(lockPort('/dev/ttyTEST0', folders)).rejects.toMatchObject({
    code: 'port-busy',
    message: expect.stringContaining(`process ${process.pid}`),
  });
  await release();
  expect(await readdir(folders.shared)).toEqual([]);
  await rm(folder, { recursive: true });
});
