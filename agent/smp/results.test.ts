import { expect, test } from 'vitest';
import type { InferenceRecord, ResultsReply } from '../../protocol/vendor.ts';
import { readingOf, startCursor } from './results.ts';

function record(seq: number): InferenceRecord {
  const cost = { ticks: 5, uj: 0, src: 'none', arena: 1, stack: 1 } as const;
  return { seq, win: seq, cls: 0, scores: [1, 0], ...cost };
}

function reply(fields: Partial<ResultsReply>): ResultsReply {
  const rest = { reset: 'power-on', lost: 0, clk: 1, unit: 'cycles' } as const;
  return { boots: 4, first: 1, next: 1, recs: [], ...rest, ...fields };
}

test('a new cursor takes everything that is still there and counts what is not', () => {
  const reading = readingOf(
    startCursor,
    reply({ first: 3, next: 5, recs: [record(3), record(4)] }),
  );
  expect(reading).toMatchObject({ missed: 2, rebooted: false, next: { boots: 4, seq: 5 } });
  expect(reading.records).toHaveLength(2);
});

test('an empty reply moves the cursor nowhere, except past what was overwritten', () => {
  expect(readingOf({ boots: 4, seq: 7 }, reply({ first: 2, next: 7 })).next).toEqual({
    boots: 4,
    seq: 7,
  });
  expect(readingOf({ boots: 4, seq: 7 }, reply({ first: 9, next: 9 }))).toMatchObject({
    missed: 2,
    next: { boots: 4, seq: 9 },
  });
});

test('a reboot is reported', () => {
  const reading = readingOf({ boots: 3, seq: 0 }, reply({ boots: 4, next: 2, recs: [record(1)] }));
  expect(reading).toMatchObject({ rebooted: true, next: { boots: 4, seq: 2 } });
});
