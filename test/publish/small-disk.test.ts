import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { canMount, onSmallDisk } from './small-disk.ts';

const PROGRAM = new URL('./programs/small-disk.ts', import.meta.url).pathname;

async function said(folder: string): Promise<readonly unknown[]> {
  const args = [PROGRAM, join(folder, 'state'), join(folder, 'fill')];
  const child = onSmallDisk(folder, 2048, [process.execPath, '--import', 'tsx', ...args]);
  let out = '';
  let err = '';
  child.stdout?.on('data', (bytes: Buffer) => {
    out += bytes.toString();
  });
  child.stderr?.on('data', (bytes: Buffer) => {
    err += bytes.toString();
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect(`${code} ${err}`).toBe('0 ');
  return out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

it.skipIf(!canMount)(
  'an outbox takes every message on a full and on a read-only disk, and starts there too (needs unshare and mount)',
  async () => {
    const steps = await said(mkdtempSync(join(tmpdir(), 'otolith-small-disk-')));
    console.log(JSON.stringify(steps));
    const accepted = new Map(steps as readonly (readonly [string, never])[]);
    // Whatever fits is stored, and what waits behind a write that fails is held: nothing stays unanswered.
    const { stored = 0 } = accepted.get('full disk')?.[0] ?? {};
    expect(steps).toEqual([
      ['empty disk', { stored: 50 }],
      ['full disk', [expect.objectContaining({ held: 100 - stored }), { held: 300 }]],
      ['lost at the end', 400 - stored],
      ['opened on a full disk', { waiting: expect.any(Number), failing: true }],
      ['full disk again', { held: 10 }],
      ['room again', { good: true, waiting: 60 + stored }],
      ['stored again', { stored: 5 }],
      ['lost at the end', 0],
      ['read-only', { waiting: 0, put: { held: 3 } }],
      ['writable again', { good: true, waiting: 68 + stored }],
    ]);
  },
  60_000,
);
