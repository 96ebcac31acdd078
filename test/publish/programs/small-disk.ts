/**
 * An outbox on a disk that fills up, from its first message to its end; says on standard output what became of it:
 *   small-disk.ts <outbox directory> <file to fill the disk with>
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { Outbox } from '../../../agent/publish/outbox.ts';

const [directory = '', file = ''] = process.argv.slice(2);
const PAYLOAD = JSON.stringify({ noise: 'x'.repeat(2000) });
const limits = { detections: 100_000, telemetry: 100_000 };
const PATIENCE_MS = 10_000;

function fill(): void {
  for (const size of [1 << 16, 1 << 10, 1]) {
    try {
      for (;;) appendFileSync(file, Buffer.alloc(size));
    } catch {
      // no room for so much: try less
    }
  }
}

async function opened(): Promise<Outbox> {
  const outbox = new Outbox({ directory, limits, retryMs: 50 });
  await outbox.open();
  return outbox;
}

/** So many messages at once; says how each was accepted. */
async function put(outbox: Outbox, count: number): Promise<Record<string, number>> {
  const puts = Array.from({ length: count }, () => outbox.put('telemetry', 'attic/x', PAYLOAD));
  const patience = new Promise<'never'>((resolve) => setTimeout(resolve, PATIENCE_MS, 'never'));
  const sums: Record<string, number> = {};
  for (const one of puts) {
    const how = await Promise.race([one, patience]);
    sums[how] = (sums[how] ?? 0) + 1;
  }
  return sums;
}

async function untilGood(outbox: Outbox): Promise<boolean> {
  for (let i = 0; i < 500; i++) {
    if (outbox.state.diskError === undefined) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

const say = (what: string, value: unknown): void => console.log(JSON.stringify([what, value]));

let outbox = await opened();
say('empty disk', await put(outbox, 50));
fill();
// More than one write takes: what is put while a batch fails waits behind it.
const first = put(outbox, 100);
await new Promise((resolve) => setImmediate(resolve));
const second = put(outbox, 300);
say('full disk', [await first, await second]);
say('lost at the end', await outbox.close());

outbox = await opened();
say('opened on a full disk', {
  waiting: outbox.state.waiting,
  failing: outbox.state.diskError !== undefined,
});
say('full disk again', await put(outbox, 10));
rmSync(file);
say('room again', { good: await untilGood(outbox), waiting: outbox.state.waiting });
say('stored again', await put(outbox, 5));
say('lost at the end', await outbox.close());

const disk = dirname(directory);
execFileSync('mount', ['-o', 'remount,ro', disk]);
outbox = await opened();
say('read-only', { waiting: outbox.state.waiting, put: await put(outbox, 3) });
execFileSync('mount', ['-o', 'remount,rw', disk]);
say('writable again', { good: await untilGood(outbox), waiting: outbox.state.waiting });
await outbox.close();
