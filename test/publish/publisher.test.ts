import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { subscribe, TestBroker, until } from './broker.ts';
import { oldBroker } from './old-broker.ts';
import { detection, ROOT, rig } from './publisher.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function broker(...lines: Parameters<typeof TestBroker.create>): Promise<TestBroker> {
  const made = await TestBroker.create(...lines);
  await made.start();
  cleanups.push(() => made.kill());
  return made;
}

async function startRig(...args: Parameters<typeof rig>) {
  const made = await rig(...args);
  made.publisher.start();
  cleanups.push(async () => {
    await made.publisher.stop(0);
    await made.outbox.close();
  });
  return made;
}

describe('versions', () => {
  it('speaks MQTT 5 where the broker does', async () => {
    const { links } = await startRig((await broker()).url);
    await until(() => links.length > 0);
    expect(links).toEqual(['connected with MQTT 5']);
  });

  it.each(['says so', 'hangs up'] as const)('falls back when an old broker %s', async (manner) => {
    const old = await oldBroker(manner);
    cleanups.push(() => old.server.close());
    const { links, publisher, outbox } = await startRig(old.url);
    await publisher.event('detection', detection('dog', 1));
    await until(() => outbox.state.waiting === 0);
    expect(links).toEqual(['connected with MQTT 3.1.1']);
    const topics = old.received.map((packet) => (packet.cmd === 'publish' ? packet.topic : ''));
    expect(topics).toContain(`${ROOT}/detection`);
  });

  it('says that version 5 was refused when only 5 is configured', async () => {
    const old = await oldBroker('says so');
    cleanups.push(() => old.server.close());
    const { links } = await startRig(old.url, { version: '5' });
    await until(() => links.length > 0);
    expect(links[0]).toMatch(/refused this MQTT version; set mqtt.version: auto/);
  });
});

describe('states', () => {
  it('leaves a will, a goodbye and retained states', async () => {
    const { url } = await broker();
    const { publisher, outbox } = await startRig(url);
    publisher.state('audio', { at: new Date(0).toISOString(), state: 'online', source: 'clips' });
    const { client, seen } = await subscribe(url, `${ROOT}/#`);
    cleanups.push(() => client.endAsync(true));
    await until(() => seen.length >= 2);
    expect(seen.map((s) => s.topic).sort()).toEqual([`${ROOT}/audio`, `${ROOT}/status`]);
    await publisher.stop(100);
    await outbox.close();
    await until(() => seen.length >= 3);
    expect(JSON.parse(seen.at(-1)?.payload ?? '')).toMatchObject({ state: 'offline' });
  });

  it('tells Home Assistant everything again when it is born', async () => {
    const { url } = await broker();
    const { publisher, links } = await startRig(url);
    publisher.announce({ topic: 'homeassistant/device/x/config', payload: '{}' });
    await until(() => links.length > 0);
    const { client, seen } = await subscribe(url, '#');
    cleanups.push(() => client.endAsync(true));
    await until(() => seen.length >= 2);
    const before = seen.length;
    await client.publishAsync('homeassistant/status', 'online', { qos: 1 });
    await until(() => seen.length >= before + 3);
    const again = seen.slice(before).map((s) => s.topic);
    expect(again).toContain('homeassistant/device/x/config');
    expect(again).toContain(`${ROOT}/status`);
  });
});

describe('refusals, each in one line', () => {
  it('wrong password', async () => {
    const made = await broker((directory) => {
      const file = join(directory, 'passwords');
      execFileSync('mosquitto_passwd', ['-b', '-c', file, 'ada', 'right']);
      return ['allow_anonymous false', `password_file ${file}`];
    });
    const wrong = await startRig(made.url, { username: 'ada', password: 'wrong' });
    await until(() => wrong.links.length > 0);
    expect(wrong.links[0]).toMatch(/refused user ada; check mqtt.username and the password/);
    const nobody = await startRig(made.url);
    await until(() => nobody.links.length > 0);
    expect(nobody.links[0]).toMatch(/refused without a user name/);
    const right = await startRig(made.url, { username: 'ada', password: 'right' });
    await until(() => right.links.length > 0);
    expect(right.links).toEqual(['connected with MQTT 5']);
  });

  it('untrusted certificate, and trust in the right one, with a client certificate', async () => {
    let files: ReturnType<typeof certificates> | undefined;
    const made = await broker((directory) => {
      files = certificates(directory);
      return [
        'allow_anonymous true',
        `cafile ${files.ca}`,
        `certfile ${files.server}.pem`,
        `keyfile ${files.server}.key`,
        'require_certificate true',
      ];
    });
    if (files === undefined) throw new Error('no certificates');
    const url = made.url.replace('mqtt://127.0.0.1', 'mqtts://localhost');
    const stranger = await startRig(url);
    await until(() => stranger.links.length > 0);
    expect(stranger.links[0]).toMatch(/certificate is not trusted .*; set mqtt.tls.ca/);
    const friend = await startRig(url, {
      ca: readFileSync(files.ca),
      cert: readFileSync(`${files.client}.pem`),
      key: readFileSync(`${files.client}.key`),
    });
    await until(() => friend.links.length > 0);
    expect(friend.links).toEqual(['connected with MQTT 5']);
  });

  it('no broker', async () => {
    const { links } = await startRig('mqtt://127.0.0.1:1');
    await until(() => links.length > 0);
    expect(links[0]).toMatch(/^mqtt:\/\/127.0.0.1:1: no connection \(.*\); check mqtt.url/);
  });

  it('a message larger than the broker takes is dropped with a word, and the rest goes on', async () => {
    const made = await broker(() => ['allow_anonymous true', 'max_packet_size 2000']);
    const { links, publisher, outbox } = await startRig(made.url);
    await publisher.event('detection', { ...detection('dog', 1), window: 'x'.repeat(5000) });
    await publisher.event('detection', detection('dog', 2));
    await until(() => outbox.state.waiting === 0);
    expect(publisher.counters).toMatchObject({ sent: 1, refused: 1 });
    expect(links.at(-1)).toMatch(/detection was refused and dropped: \d+ bytes where .* 2000/);
  });
});

describe('commands', () => {
  const cases: readonly (readonly [string, string | Buffer, RegExp | 'ok'])[] = [
    ['command/push', '{"board":"m4"}', 'ok'],
    ['command/push', '{"board":"m4","network":"xnor"}', 'ok'],
    ['command/label', '{"window":"w-1","label":"dog"}', 'ok'],
    ['command/push', 'push it', /not JSON; send an object/],
    ['command/push', '{"board":7}', /board: .*; send an object of board, network/],
    ['command/push', '{"board":"m4","extra":1}', /send an object of board, network/],
    ['command/push', '{"board":"m4","network":7}', /network: /],
    ['command/push', '[]', /payload: /],
    ['command/push', '', /not JSON/],
    ['command/network', '{"board":"m4"}', /network: /],
    ['command/format', '{}', /there is no command\/format; known commands: command\/push/],
    ['command/push', Buffer.alloc(5000, 0x20), /5000 bytes; send at most 4096/],
    ['command/push', Buffer.from([0xff, 0xfe, 0x00]), /not JSON/],
  ];

  it('are checked before anyone acts on them', async () => {
    const { url } = await broker();
    const { commands, links } = await startRig(url);
    const { client } = await subscribe(url, 'nothing');
    cleanups.push(() => client.endAsync(true));
    await until(() => links.length > 0);
    for (const [name, payload] of cases) {
      await client.publishAsync(`${ROOT}/${name}`, payload, { qos: 1 });
    }
    await until(() => commands.length === cases.length);
    commands.forEach((received, i) => {
      const wanted = cases[i]?.[2];
      if (received.kind === 'ok') expect(wanted).toBe('ok');
      else expect(received.message).toMatch(wanted as RegExp);
    });
  });
});

/** An authority, and a certificate for a server and a client, made by openssl. */
function certificates(directory: string) {
  const at = (name: string) => join(directory, name);
  const run = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
  const days = ['-days', '2', '-nodes', '-newkey', 'rsa:2048'];
  run(
    'req',
    '-x509',
    ...days,
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.pem'),
    '-subj',
    '/CN=test ca',
  );
  for (const name of ['server', 'client']) {
    const files = ['-keyout', at(`${name}.key`), '-out', at(`${name}.csr`)];
    run('req', ...days.slice(2), ...files, '-subj', '/CN=localhost');
    const ca = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2'];
    run('x509', '-req', '-in', at(`${name}.csr`), ...ca, '-out', at(`${name}.pem`));
  }
  return { ca: at('ca.pem'), server: at('server'), client: at('client') };
}
