/**
 * Publishes detections without end and prints the id of each that the outbox accepted, one a line:
 *   feed.ts <broker url> <outbox directory> <first number> [how many] [file]
 * With a file, it fills the disk with it after an eighth of them, and removes it when five eighths are through.
 */
import { appendFileSync, rmSync, writeSync } from 'node:fs';
import { detection, rig } from '../publisher.ts';

const [url = '', directory = '', first = '0', count = 'Infinity', file] = process.argv.slice(2);

function fill(path: string): void {
  for (const size of [1 << 16, 1 << 10, 1]) {
    try {
      for (;;) appendFileSync(path, Buffer.alloc(size));
    } catch {
      // no room for so much: try less
    }
  }
}

const { publisher, outbox } = await rig(url, {}, directory);
publisher.start();
const end = Number(first) + Number(count);
for (let n = Number(first); n < end; n++) {
  if (file !== undefined && n === Number(count) / 8) fill(file);
  if (file !== undefined && n === (5 * Number(count)) / 8) rmSync(file);
  const payload = detection('dog', n);
  const accepted = await publisher.event('detection', payload);
  // Written at once: what stands on the line was accepted even if the next thing is SIGKILL.
  writeSync(1, `${accepted} ${payload.id}\n`);
  await new Promise((resolve) => setTimeout(resolve, 1));
}
writeSync(1, 'end\n');
process.on('SIGUSR2', () => {
  writeSync(1, `disk ${outbox.state.diskError ?? 'good'}\n`);
});
process.once('SIGTERM', async () => {
  await publisher.stop(2000);
  await outbox.close();
  process.exit(0);
});
