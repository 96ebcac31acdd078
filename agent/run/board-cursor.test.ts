import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CursorFile } from './board-cursor.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'otolith-cursor-'));

it('goes on in memory where the disk takes nothing, says so once, and writes again when it does', async () => {
  const stateDir = folder();
  const lines: string[] = [];
  const cursor = new CursorFile(stateDir, 'nucleo', (line) => lines.push(line));
  // A file where a folder has to be fails as a full or read-only disk does, for every user.
  writeFileSync(join(stateDir, 'boards'), '');
  await cursor.save({ boots: 1, seq: 2 });
  await cursor.save({ boots: 1, seq: 3 });
  expect(await cursor.load()).toEqual({ boots: 1, seq: 3 });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/kept in memory/);

  rmSync(join(stateDir, 'boards'));
  await cursor.save({ boots: 1, seq: 4 });
  const next = new CursorFile(stateDir, 'nucleo', (line) => lines.push(line));
  expect(await next.load()).toEqual({ boots: 1, seq: 4 });
  expect(lines).toHaveLength(1);
});

it.each(['', '{', '{"boots":-1,"seq":0}', '\0\0\0'])(
  'reads from the oldest where it holds %j',
  async (text) => {
    const stateDir = folder();
    const lines: string[] = [];
    mkdirSync(join(stateDir, 'boards'));
    writeFileSync(join(stateDir, 'boards', 'nucleo.cursor.json'), text);
    const cursor = new CursorFile(stateDir, 'nucleo', (line) => lines.push(line));
    expect(await cursor.load()).toEqual({ boots: 0, seq: 0 });
    expect(lines).toEqual([expect.stringMatching(/is damaged; reading from the oldest record/)]);
  },
);
