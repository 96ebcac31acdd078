import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { LineQueue } from './line-queue.ts';

/** A reader that takes a line when it is told to. */
function reader() {
  const lines: string[] = [];
  let taken = (): void => {};
  const out = new Writable({
    highWaterMark: 1,
    write: (chunk: Buffer, _, done) => {
      lines.push(chunk.toString().trim());
      taken = done;
    },
  });
  return { out, lines, take: () => taken() };
}

test('lines come in order, one after the other', async () => {
  const { out, lines, take } = reader();
  const queue = new LineQueue(out, () => expect.fail('nothing is lost'));
  for (const line of ['a', 'b', 'c']) queue.put(line);
  for (let i = 0; i < 3; i++) {
    take();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await queue.end();
  expect(lines).toEqual(['a', 'b', 'c']);
  queue.put('d');
  expect(lines).toEqual(['a', 'b', 'c', 'd']);
});

test('a reader who is too slow loses lines, is told how many, and no more wait than may', async () => {
  const { out, lines, take } = reader();
  const lost: number[] = [];
  const queue = new LineQueue(out, (count) => lost.push(count));
  for (let i = 0; i < 3000; i++) queue.put(`${i}`);
  const ended = queue.end();
  while (lost.length === 0) {
    take();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await ended;
  expect(lines.length).toBe(1001);
  expect(lost).toEqual([1999]);
});
