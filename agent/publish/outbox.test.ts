import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Entry, Outbox } from './outbox.ts';

async function open(directory?: string, detections = 100) {
  const outbox = new Outbox({
    directory: directory ?? (await mkdtemp(join(tmpdir(), 'otolith-outbox-'))),
    limits: { detections, telemetry: 100 },
  });
  await outbox.open();
  return outbox;
}

async function all(outbox: Outbox): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (let from = 0; ; from = (entries.at(-1)?.sequence ?? 0) + 1) {
    const entry = await outbox.next('detections', from);
    if (entry === undefined) return entries;
    entries.push(entry);
  }
}

const payloads = (entries: readonly Entry[]) => entries.map((entry) => entry.payload);

describe('Outbox', () => {
  it('keeps what was not acknowledged, in order, with holes where something was', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'otolith-outbox-'));
    const first = await open(directory);
    for (const n of [0, 1, 2, 3, 4]) await first.put('detections', 't', `${n}`);
    const entries = await all(first);
    for (const n of [0, 2]) first.done(entries[n] as Entry);
    expect(first.state.waiting).toBe(3);
    await first.close();

    const second = await open(directory);
    expect(second.state.waiting).toBe(3);
    await second.put('detections', 't', '5');
    const rest = await all(second);
    expect(payloads(rest)).toEqual(['1', '3', '4', '5']);
    for (const entry of rest) second.done(entry);
    expect(second.state.waiting).toBe(0);
    await second.close();
  });

  it('gives up the oldest beyond its bound, and counts them', async () => {
    const outbox = await open(undefined, 3);
    for (const n of [0, 1, 2, 3, 4]) await outbox.put('detections', 't', `${n}`);
    await outbox.put('telemetry', 't', 'x');
    expect(payloads(await all(outbox))).toEqual(['2', '3', '4']);
    expect(outbox.state).toEqual({ waiting: 4, dropped: 2, lost: 0 });
    await outbox.close();
  });

  it('says that another process has it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'otolith-outbox-'));
    const outbox = await open(directory);
    await expect(open(directory)).rejects.toThrow(/cannot be opened/);
    await expect(open(directory)).rejects.toMatchObject({
      code: 'outbox',
      hint: expect.stringMatching(/stop the other otolith/),
    });
    await outbox.close();
  });
});
