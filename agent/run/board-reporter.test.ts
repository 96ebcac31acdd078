import { expect, test } from 'vitest';
import type { InferenceRecord } from '../../protocol/vendor.ts';
import { acdnet } from '../nets/acdnet.ts';
import { randomModel } from '../nets/random-model.ts';
import type { Reading } from '../smp/results.ts';
import { BoardReporter } from './board-reporter.ts';

const network = (name: string, seed: number) => {
  const net = acdnet({ name, channels: Array(11).fill(4), classes: 3, form: 'real' });
  return { name: 'mine', model: randomModel(net, seed, name) };
};

test('the ticks of a board are those of the network it runs, from its first record on', async () => {
  const states: (readonly [string, unknown])[] = [];
  const publisher = {
    state: (name: string, payload: unknown) => void states.push([name, payload]),
    event: async () => 'stored' as const,
  };
  const reporter = new BoardReporter({
    ...{ gateway: 'g', board: 'm4', publisher, log: () => {}, now: () => 0 },
  });
  let seq = 0;
  const report = (ticks: number, which: ReturnType<typeof network>) => {
    const record: InferenceRecord = {
      ...{ seq: ++seq, win: seq, cls: 0, scores: [3, 2, 1], ticks, uj: 0, src: 'none' },
      ...{ arena: 1, stack: 1 },
    };
    const reading: Reading = {
      ...{ records: [record], boots: 1, clockHz: 1, missed: 0, rebooted: false },
      reset: 'software',
      unit: 'instructions',
      next: { boots: 1, seq },
    };
    return reporter.report(reading, which, () => undefined);
  };
  const latency = () => states.findLast(([name]) => name.endsWith('/latency'))?.[1];
  const [first, second] = [network('first', 1), network('second', 2)];
  for (let i = 0; i < 40; i++) await report(12_000_000, first);
  expect(latency()).toMatchObject({ model: 'first', median: 12_000_000, of: 40 });
  await report(3_000_000, second);
  expect(latency()).toMatchObject({ model: 'second', median: 3_000_000, p95: 3_000_000, of: 1 });
  await report(3_000_100, second);
  expect(latency()).toMatchObject({ of: 2 });
  await report(12_000_000, first);
  expect(latency()).toMatchObject({ model: 'first', of: 1 });
});
