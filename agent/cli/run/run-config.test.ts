import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { readRunConfig, readRunConfigAgain } from './run-config.ts';

const home = process.cwd();
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'otolith-again-'));
  process.chdir(folder);
});
afterAll(() => process.chdir(home));

it('stays with what a demonstration listens to', async () => {
  const first = await readRunConfig({ demo: true });
  const again = await readRunConfigAgain({ demo: true }, first);
  expect(again.config).toEqual(first.config);
  expect(again.config.boards).toHaveLength(1);
});

it("demonstrates beside the service's configuration, and by one's own", async () => {
  const system = join(folder, 'system.yaml');
  writeFileSync(system, 'audio: {hop: 2s}\nboards: []\n');
  const files = ['own.yaml', system];
  const demo = await readRunConfig({ demo: true }, files);
  expect(demo.file).toBeUndefined();
  expect(demo.config.boards).toHaveLength(1);
  expect((await readRunConfig({}, files)).file).toBe(system);
  expect((await readRunConfig({ demo: true, config: system }, files)).file).toBe(system);
  writeFileSync('own.yaml', 'audio: {hop: 2s}\n');
  expect((await readRunConfig({ demo: true }, files)).file).toBe('own.yaml');
});

it.each([
  ['a file that is gone', () => rmSync('o.yaml'), /o.yaml is not there/],
  ['an emptied file', () => writeFileSync('o.yaml', ''), /o.yaml is empty/],
  ['a file of comments', () => writeFileSync('o.yaml', '# audio:\n'), /o.yaml is empty/],
  ['half a file', () => writeFileSync('o.yaml', 'audio: {source: cl'), /o.yaml:1: not YAML/],
  ['clips that are gone', () => rmSync('sounds', { recursive: true }), /audio.clips is sounds/],
])('takes %s for no new configuration', async (_, change, line) => {
  mkdirSync('sounds');
  writeFileSync('sounds/a.wav', wav());
  writeFileSync('o.yaml', 'audio: {source: clips, clips: sounds}\n');
  const source = { config: 'o.yaml' };
  const first = await readRunConfig(source);
  change();
  const failure = readRunConfigAgain(source, first);
  await expect(failure).rejects.toMatchObject({ line: expect.stringMatching(line) });
});

it('does not go over to the defaults where the file it found by itself is gone', async () => {
  writeFileSync('otolith.yaml', 'audio: {hop: 2s}\n');
  const first = await readRunConfig({});
  rmSync('otolith.yaml');
  await expect(readRunConfigAgain({}, first)).rejects.toThrow(/otolith.yaml is not there/);
});

/** A tenth of a second of 20 kHz, mono, 16 bit. */
function wav(): Buffer {
  const bytes = Buffer.alloc(44 + 4000);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + 4000, 4);
  bytes.write('WAVEfmt ', 8);
  for (const [value, offset, size] of [
    [16, 16, 4],
    [1, 20, 2],
    [1, 22, 2],
    [20_000, 24, 4],
    [40_000, 28, 4],
    [2, 32, 2],
    [16, 34, 2],
    [4000, 40, 4],
  ] as const)
    bytes.writeUIntLE(value, offset, size);
  bytes.write('data', 36);
  for (let i = 44; i < bytes.length; i += 2) bytes.writeInt16LE(1000, i);
  return bytes;
}
