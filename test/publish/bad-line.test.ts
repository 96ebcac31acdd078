import { afterEach, describe, expect, it } from 'vitest';
import { Random } from '../../agent/base/random.ts';
import { connect } from '../../agent/publish/mqtt-connection.ts';
import { BadLine, type Cut } from './bad-line.ts';
import { subscribe, TestBroker, until } from './broker.ts';
import { detection, firstArrivals, QUICK, ROOT, rig } from './publisher.ts';
import { ScriptedBroker } from './scripted-broker.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const CUTS = 15;
const DELAY_MS = 15;
const HOWS = ['reset', 'fin', 'silence'] as const;

/** Moments from before the CONNACK to well into start-up; every way of ending. */
function cutsOf(seed: number, how?: Cut['how']): readonly Cut[] {
  const random = new Random(seed);
  return Array.from({ length: CUTS }, () => ({
    afterMs: random.int(0, 12 * DELAY_MS),
    how: how ?? random.pick([...HOWS]),
  }));
}

/** A real broker behind a bad line, and a publisher that starts up over it. */
async function start(
  cuts: readonly Cut[],
  version: '5' | '3.1.1',
  calmMs: number,
  ...lines: readonly string[]
) {
  const broker = await TestBroker.create(() => ['allow_anonymous true', ...lines]);
  await broker.start();
  cleanups.push(() => broker.kill());
  const { client, seen } = await subscribe(broker.url, '#');
  cleanups.push(() => client.endAsync(true));
  const line = await new BadLine(broker.port, DELAY_MS, cuts).start();
  cleanups.push(() => line.stop());
  const { limits: all, ...pace } = QUICK;
  const limits = { ...all, connectMs: 250, ackMs: 250, calmMs };
  const quick = { ...pace, pace: { ...pace.pace, crowdedFirstMs: 10, crowdedLongestMs: 40 } };
  const made = await rig(line.url, { version, limits }, undefined, quick);
  cleanups.push(() => made.outbox.close());
  return { ...made, line, seen };
}

const FACTS = Array.from({ length: 12 }, (_, n) => ({
  topic: `homeassistant/device/board-${n}/config`,
  payload: 'x'.repeat(100 + 400 * n),
}));

describe('a line that is cut at random while start-up publishes', () => {
  const cases = [
    ...HOWS.map((how, i) => ['5', how, i] as const),
    ...HOWS.map((how, i) => ['3.1.1', how, 10 + i] as const),
    ['5', undefined, 20] as const,
    ['3.1.1', undefined, 21] as const,
  ];
  it.each(cases)(
    'MQTT %s, %s, seed %i: connects, delivers everything, stops',
    async (version, how, seed) => {
      const { publisher, outbox, links, line, seen } = await start(cutsOf(seed, how), version, 500);
      for (const fact of FACTS) publisher.announce(fact);
      publisher.start();
      for (let n = 0; n < 40; n++) await publisher.event('detection', detection('dog', n));
      await until(() => line.connections > CUTS && outbox.state.waiting === 0);
      await until(() => FACTS.every(({ topic }) => seen.some((s) => s.topic === topic)));
      const payloads = () => seen.filter((s) => s.topic === `${ROOT}/detection`);
      await until(() => new Set(payloads().map((s) => s.payload)).size === 40);
      await publisher.stop(500);
      expect(firstArrivals(payloads().map((s) => s.payload))).toHaveLength(40);
      expect(publisher.counters).toMatchObject({ sent: 40, refused: 0 });
      expect(links.some((text) => text.startsWith('connected'))).toBe(true);
      await until(() =>
        /offline/.test(seen.findLast((s) => s.topic === `${ROOT}/status`)?.payload ?? ''),
      );
    },
  );
});

it('a broker of small packets (3.1.1) gets everything that fits; the rest is named and counted', async () => {
  const { publisher, outbox, links, seen } = await start([], '3.1.1', 50, 'max_packet_size 2000');
  for (const fact of FACTS) publisher.announce(fact);
  publisher.start();
  for (let n = 0; n < 20; n++) await publisher.event('detection', detection('dog', n));
  const small = FACTS.filter(({ payload }) => payload.length < 1900);
  await until(
    () =>
      outbox.state.waiting === 0 && (publisher.counters.refusedBy['packet too large'] ?? 0) >= 7,
  );
  await until(() => small.every(({ topic }) => seen.some((s) => s.topic === topic)));
  await publisher.stop(500);
  expect(publisher.counters.sent).toBe(20);
  expect(links.join('\n')).toMatch(
    /board-\d+\/config was refused and dropped: \d+ bytes, at which/,
  );
  expect(links.join('\n')).not.toMatch(/another client/);
});

/** A link of its own to a broker. */
function linkTo(broker: ScriptedBroker, clientId: string) {
  const will = { topic: 'w', payload: '' };
  const session = { clientId, keepAliveMs: 30_000, will, onMessage: () => undefined };
  const options = { url: broker.url, version: 'auto', verify: true, ...session } as const;
  return connect(options, new AbortController().signal);
}

describe('a link that has ended', () => {
  it('sends nothing more, and says so', async () => {
    const broker = await new ScriptedBroker().start();
    cleanups.push(() => broker.stop());
    const link = await linkTo(broker, 'ended');
    await link.publish('before', 'x', false);
    await link.end();
    await expect(link.publish('after', 'x', false)).rejects.toThrow(/ended/);
    await expect(link.subscribe('after')).rejects.toThrow(/ended/);
    await link.end();
    expect(broker.published.map(({ topic }) => topic)).toEqual(['before']);
    expect(broker.received.at(-1)?.cmd).toBe('disconnect');
  });

  it('ends in time and leaves no will undone where nothing was ever acknowledged', async () => {
    const broker = await new ScriptedBroker({ publish: () => 'silence' }).start();
    cleanups.push(() => broker.stop());
    const link = await linkTo(broker, 'unacknowledged');
    const lost = link.publish('never', 'x', false).catch((error: Error) => error.message);
    await link.end();
    expect(await lost).toMatch(/ended/);
    await until(() => broker.received.at(-1)?.cmd === 'disconnect');
  });
});
