import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toHex } from '../../protocol/bytes.ts';
import { createKey, ensureKey, readKey } from './keys.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otolith-keys-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('a key is made once, for its owner alone, and never overwritten', async () => {
  const path = join(folder, 'deep', 'key.pem');
  const created: string[] = [];
  const key = await ensureKey(path, (made) => created.push(made.path));
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const again = await ensureKey(path, (made) => created.push(made.path));
  expect(created).toEqual([path]);
  expect(toHex(again.keyHash)).toBe(toHex(key.keyHash));
  const before = await readFile(path, 'utf8');
  await expect(createKey(path)).rejects.toMatchObject({ code: 'key-exists' });
  expect(await readFile(path, 'utf8')).toBe(before);
});

test('a key others can read, another kind of key and no key are told apart', async () => {
  const path = join(folder, 'other.pem');
  await expect(readKey(path)).rejects.toMatchObject({ code: 'key-missing' });
  await writeFile(path, 'not a key', { mode: 0o600 });
  await expect(readKey(path)).rejects.toMatchObject({ code: 'key-invalid' });
  await chmod(path, 0o644);
  await expect(readKey(path)).rejects.toMatchObject({ code: 'key-exposed' });
});

test('boards that need their first key at the same moment get one', async () => {
  const path = join(folder, 'first', 'key.pem');
  let made = 0;
  const keys = await Promise.all(Array.from({ length: 8 }, () => ensureKey(path, () => made++)));
  expect(made).toBe(1);
  expect(new Set(keys.map((key) => toHex(key.keyHash))).size).toBe(1);
});
