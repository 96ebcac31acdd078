import { expect, test } from 'vitest';
import { encodeRaw } from '../../protocol/framing/raw.ts';
import { encodePacket } from '../../protocol/smp/packet.ts';
import { FakeBoard } from '../../test/fakes/board.ts';
import { cleanLine } from '../../test/fakes/line.ts';
import { VirtualClock, virtualLine } from '../../test/fakes/virtual-time.ts';
import { Board } from './board.ts';
import { BoardLink } from './link.ts';

const signal = new AbortController().signal;
const speed = { bytesPerMs: 11.52, latencyMs: 1 };

/** A board in raw framing, and what sends bytes to the agent besides its answers. */
function rawBoard(onRequest: () => void = () => {}) {
  const clock = new VirtualClock();
  let say: (bytes: Uint8Array) => void = () => {};
  const line = virtualLine(clock, speed, cleanLine, (send) => {
    say = send;
    const board = new FakeBoard(new Uint8Array(64), send, { framing: 'raw' });
    return {
      receive: (bytes) => {
        onRequest();
        board.receive(bytes);
      },
    };
  });
  const link = new BoardLink({ open: line.open, clock, framing: 'raw', heartbeatMs: 0 });
  link.start(signal);
  return { board: new Board(link, clock), clock, link, say: (bytes: Uint8Array) => say(bytes) };
}

test('raw framing can be chosen, and carries requests and answers', async () => {
  const { board, clock, link } = rawBoard();
  const hello = { type: 'done', value: 'hello' };
  expect(await clock.until(board.echo('hello', signal))).toEqual(hello);
  expect(await clock.until(board.params(signal))).toMatchObject({ buf_size: 1024 });
  await clock.until(link.stop());
});

test('after a gap raw bytes begin a new packet, whatever the last ones had announced', async () => {
  let requests = 0;
  const { board, clock, link, say } = rawBoard(() => {
    requests += 1;
  });
  await clock.until(board.echo('one', signal));
  // The beginning of a long packet, of which the rest never comes.
  const fields = { version: 2, op: 1, group: 0, command: 0, sequence: 99 } as const;
  say(encodeRaw(encodePacket(fields, { r: 'x'.repeat(900) })).subarray(0, 300));
  await clock.until(clock.sleep(400));
  requests = 0;
  expect(await clock.until(board.echo('two', signal))).toEqual({ type: 'done', value: 'two' });
  // Taken for the missing rest, the answer would have been lost and asked for again.
  expect(requests).toBe(1);
  await clock.until(link.stop());
});
