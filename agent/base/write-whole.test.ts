import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeWhole } from './write-whole.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otolith-whole-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('writes texts and the bytes of any view, over what was there, and leaves nothing else', async () => {
  const path = join(folder, 'file');
  await writeFile(path, 'a longer text that was there before');
  await writeWhole(path, 'Käfer');
  expect(await readFile(path, 'utf8')).toBe('Käfer');
  await writeWhole(path, new Uint8Array([9, 1, 2, 9]).subarray(1, 3));
  expect([...(await readFile(path))]).toEqual([1, 2]);
  expect(await readdir(folder)).toEqual(['file']);
});

it('of many writers of one file, each writes it whole', async () => {
  const path = join(folder, 'file');
  const texts = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(100_000));
  await Promise.all(texts.map((text) => writeWhole(path, text, { durable: false })));
  expect(texts).toContain(await readFile(path, 'utf8'));
  expect(await readdir(folder)).toEqual(['file']);
});

it('leaves nothing behind where it cannot write', async () => {
  const path = join(folder, 'none', 'file');
  await expect(writeWhole(path, 'x')).rejects.toMatchObject({ code: 'ENOENT', path });
  expect(await readdir(folder)).toEqual([]);
});
