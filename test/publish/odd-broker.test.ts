import { afterEach, describe, expect, it } from 'vitest';
import { pause, until } from './broker.ts';
import { detection, QUICK, ROOT, rig } from './publisher.ts';
import { type Script, ScriptedBroker } from './scripted-broker.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(script: Script, version: 'auto' | '3.1.1' = 'auto', changes = {}) {
  const broker = await new ScriptedBroker(script).start();
  cleanups.push(() => broker.stop());
  const { limits, ...pace } = QUICK;
  const made = await rig(broker.url, { version, limits, ...changes }, undefined, pace);
  cleanups.push(async () => {
    await made.publisher.stop(0);
    await made.outbox.close();
  });
  made.publisher.start();
  return { ...made, broker };
}

const count = (links: readonly string[], what: RegExp) => links.filter((l) => what.test(l)).length;

describe.each(['auto', '3.1.1'] as const)('MQTT %s', (version) => {
  it('a broker that never acknowledges: reported once, tried again and again, left in time', async () => {
    const { broker, links, publisher, outbox } = await start(
      { publish: () => 'silence', subscribe: () => 'silence' },
      version,
    );
    await publisher.event('detection', detection('dog', 1));
    await until(() => broker.connects >= 4);
    await publisher.stop(50);
    expect(links).toEqual(['no acknowledgement within 0.4 s']);
    expect(outbox.state.waiting).toBe(1);
  });

  it('a broker that stops acknowledging later: reported once, and everything arrives', async () => {
    const { broker, links, publisher, outbox } = await start(
      { publish: (_, nth) => (nth > 8 && nth < 14 ? 'silence' : 0) },
      version,
    );
    for (let n = 0; n < 30; n++) await publisher.event('detection', detection('dog', n));
    await until(() => outbox.state.waiting === 0);
    expect(new Set(broker.on(`${ROOT}/detection`)).size).toBe(30);
    expect(count(links, /no acknowledgement/)).toBe(1);
  });

  it('a subscription never answered: published on, commands off reported once', async () => {
    const { broker, links, publisher, outbox } = await start(
      { subscribe: () => 'silence' },
      version,
    );
    await publisher.event('detection', detection('dog', 1));
    await until(() => outbox.state.waiting === 0 && count(links, /commands off/) > 0);
    expect(count(links, /commands off, .*command\/#: no answer/)).toBe(1);
    expect(broker.connects).toBe(1);
  });

  it.each([0x80, 0x87, 0x8f, 0xa2])(
    'a subscription refused with 0x%i: published on, commands off reported once',
    async (code) => {
      const given = version === 'auto' ? code : 0x80;
      const { broker, links, publisher, outbox } = await start(
        { subscribe: (topic) => (topic.endsWith('command/#') ? given : 1) },
        version,
      );
      await publisher.event('detection', detection('dog', 1));
      await until(() => outbox.state.waiting === 0 && links.length >= 2);
      expect(broker.connects).toBe(1);
      expect(links.toSorted()).toEqual([
        expect.stringMatching(/^commands off, no subscription to otolith\/attic\/command\/#: /),
        expect.stringMatching(/^connected/),
      ]);
    },
  );

  it('a broker that hangs up at the subscription: published on without commands', async () => {
    const { broker, links, publisher, outbox } = await start(
      { subscribe: (topic) => (topic.endsWith('command/#') ? 'hang up' : 1) },
      version,
    );
    await publisher.event('detection', detection('dog', 1));
    await until(
      () => outbox.state.waiting === 0 && count(links, /commands off.*ends the connection/) === 1,
    );
    const connects = broker.connects;
    await pause(200);
    expect(broker.connects).toBe(connects);
  });

  it('retained commands are ignored and named once, live ones carried out, whatever their QoS', async () => {
    const topic = `${ROOT}/command/push`;
    const { broker, commands, links } = await start(
      { retained: { [topic]: '{"board":"m4"}' }, publish: () => 0 },
      version,
    );
    await until(() => count(links, /connected/) === 1 && count(links, /retained/) === 1);
    const base = { cmd: 'publish', topic, payload: '{"board":"m7"}', retain: false } as const;
    broker.send({ ...base, qos: 0, dup: false });
    broker.send({ ...base, qos: 1, dup: true, messageId: 7 });
    await until(() => commands.length === 2);
    expect(commands.every((c) => c.kind === 'ok' && c.command.payload)).toBe(true);
    expect(count(links, /a retained message on command\/push is ignored/)).toBe(1);
  });

  it('births of Home Assistant are answered together', async () => {
    const { broker, links, publisher } = await start({}, version);
    for (let n = 0; n < 20; n++) publisher.announce({ topic: `homeassistant/${n}`, payload: '{}' });
    await until(() => links.length > 0 && broker.published.length >= 21);
    const before = broker.published.length;
    const birth = { cmd: 'publish', topic: 'homeassistant/status', payload: 'online' } as const;
    for (let n = 0; n < 3000; n++) broker.send({ ...birth, qos: 0, dup: false, retain: false });
    await until(() => broker.published.length >= before + 21);
    await pause(250);
    expect(broker.published.length).toBeLessThanOrEqual(before + 3 * 21);
  });

  it('two gateways of one name are named, and part', async () => {
    const { broker, links } = await start({ oneSession: true }, version);
    await until(() => links.length > 0);
    const { limits, ...pace } = QUICK;
    const other = await rig(broker.url, { version, limits }, undefined, pace);
    cleanups.push(async () => {
      await other.publisher.stop(0);
      await other.outbox.close();
    });
    other.publisher.start();
    const all = () => [...links, ...other.links];
    await until(() => count(all(), /another client uses the id otolith-attic/) === 2);
    // With doubled pauses up to 400 ms they meet a few times a second at most, and more rarely with the product's.
    const before = broker.connects;
    await pause(1500);
    expect(broker.connects - before).toBeLessThan(20);
    expect(count(all(), /another client/)).toBe(2);
    expect(all().length).toBeLessThan(10);
  });
});

describe('acknowledgements with a reason', () => {
  const events = Array.from({ length: 5 }, (_, n) => detection('dog', n));

  it.each([
    [0x87, 'not authorized'],
    [0x90, 'topic name invalid'],
    [0x99, 'payload format invalid'],
  ] as const)(
    '0x%i drops the message, reported once and counted by reason',
    async (code, reason) => {
      const { broker, links, publisher, outbox } = await start({
        publish: ({ topic }) => (topic.endsWith('/detection') ? code : 0),
      });
      for (const event of events) await publisher.event('detection', event);
      await until(() => outbox.state.waiting === 0);
      expect(publisher.counters).toMatchObject({ sent: 0, refused: 5, refusedBy: { [reason]: 5 } });
      expect(count(links, /detection was refused and dropped/)).toBe(1);
      expect(broker.connects).toBe(1);
    },
  );

  it('a quota exceeded puts messages off on the same connection, and loses none', async () => {
    const { broker, links, publisher, outbox } = await start({
      publish: ({ topic }, nth) => (topic.endsWith('/detection') && nth < 4 ? 0x97 : 0),
    });
    for (const event of events) await publisher.event('detection', event);
    await until(() => outbox.state.waiting === 0);
    expect(new Set(broker.on(`${ROOT}/detection`)).size).toBe(5);
    expect(publisher.counters).toMatchObject({ refused: 0 });
    expect(publisher.counters.retried).toBeGreaterThan(0);
    expect(count(links, /put off: quota exceeded/)).toBe(1);
    expect(broker.connects).toBe(1);
  });

  it('acknowledgements that are slow but come are waited for', async () => {
    let free = 0;
    const { broker, publisher, outbox } = await start({
      delayMs: () => {
        free = Math.max(free, performance.now()) + 40;
        return free - performance.now();
      },
    });
    for (let n = 0; n < 25; n++) await publisher.event('detection', detection('dog', n));
    await until(() => outbox.state.waiting === 0);
    expect(broker.connects).toBe(1);
  });

  it('no matching subscribers counts as arrived', async () => {
    const { publisher, outbox } = await start({ publish: () => 0x10 });
    for (const event of events) await publisher.event('detection', event);
    await until(() => outbox.state.waiting === 0);
    expect(publisher.counters).toMatchObject({ sent: 5, refused: 0 });
  });

  it('a state that is refused is reported and counted too', async () => {
    const { links, publisher } = await start({
      publish: ({ topic }) => (topic.startsWith('homeassistant') ? 0x87 : 0),
    });
    publisher.announce({ topic: 'homeassistant/x', payload: '{}' });
    await until(() => publisher.counters.refused === 1);
    expect(count(links, /homeassistant\/x was refused and dropped: not authorized/)).toBe(1);
  });
});

it('discovery beyond the maximum packet size is named and counted, and the rest goes on', async () => {
  const { links, publisher, outbox, broker } = await start({
    properties: { maximumPacketSize: 500 },
    largest: 500,
  });
  publisher.announce({ topic: 'homeassistant/big', payload: 'x'.repeat(600) });
  await publisher.event('detection', detection('dog', 1));
  await until(() => outbox.state.waiting === 0 && publisher.counters.refused > 0);
  expect(publisher.counters.refusedBy).toEqual({ 'packet too large': 1 });
  expect(
    count(
      links,
      /homeassistant\/big was refused and dropped: \d+ bytes where the broker takes 500/,
    ),
  ).toBe(1);
  expect(broker.connects).toBe(1);
});

it('a broker that names no limit but complains (0x95) learns the gateway its limit', async () => {
  const { publisher, outbox, broker } = await start({ largest: 500 });
  publisher.announce({ topic: 'homeassistant/big', payload: 'x'.repeat(600) });
  for (let n = 0; n < 10; n++) await publisher.event('detection', detection('dog', n));
  await until(() => outbox.state.waiting === 0 && publisher.counters.refused > 0);
  expect(new Set(broker.on(`${ROOT}/detection`)).size).toBe(10);
});

it.each([
  ['garbage', Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff])],
  ['a second CONNACK', Buffer.from([0x20, 3, 0, 0, 0])],
])('%s after the CONNACK ends the link, and the next one serves', async (_, bytes) => {
  const { broker, links, publisher, outbox } = await start({});
  await until(() => links.length > 0);
  broker.raw(bytes);
  await until(() => broker.connects >= 2);
  await publisher.event('detection', detection('dog', 1));
  await until(() => outbox.state.waiting === 0);
});

it('a broker that says nothing to CONNECT, or hangs up, is left alone with growing pauses and one line', async () => {
  const { broker, links, publisher } = await start({ connack: (nth) => (nth < 4 ? 'silence' : 0) });
  await until(() => links.some((text) => text.startsWith('connected')));
  expect(count(links, /no connection \(connack timeout\)/)).toBe(1);
  expect(broker.connects).toBe(5);
  await publisher.stop(100);
});
