import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { bundledClips } from '../../agent/audio/clips.ts';
import { topicNames, topicOf, topics } from '../../protocol/topics.ts';
import { type Seen, subscribe, until } from '../publish/broker.ts';
import { writeTestModel } from './models.ts';
import {
  type Changes,
  configure,
  end,
  otolith,
  ROOT,
  type Running,
  testNetworks,
} from './program.ts';

const [int8, xnor] = testNetworks();
const directory = mkdtempSync(join(tmpdir(), 'otolith-run-'));
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function start(...args: readonly string[]): Running {
  const running = otolith(...args);
  cleanups.push(() => end(running));
  return running;
}

/** The configuration of a run on the test networks. */
function configured(changes: Changes = {}) {
  return configure({ networks: [int8, xnor], ...changes });
}

/** Of whatever takes compilers: a loaded machine is no failure, and the test's own limit ends what hangs. */
const LONG_MS = 280_000;

/** Every message must be what the topic map says it is. */
function check(seen: readonly Seen[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { topic, payload } of seen) {
    const name = topicNames.find((candidate) =>
      new RegExp(`^${topicOf(ROOT, candidate).replaceAll('+', '[^/]+')}$`).test(topic),
    );
    if (name === undefined) throw new Error(`unknown topic ${topic}`);
    if (payload !== '') topics[name].schema.parse(JSON.parse(payload));
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

describe('otolith run', () => {
  it('hears clips, compares networks and publishes; SIGTERM drains and ends it', async () => {
    const detection = { threshold: 0, windows: 1, cooldown: '0s' };
    const { file, url } = await configured({ detection });
    const { child, lines, ended } = start('run', '--config', file);
    await until(() => lines.some((line) => line.includes('connected with MQTT 5')), LONG_MS);
    const { client, seen } = await subscribe(url, `${ROOT}/#`);
    cleanups.push(() => client.endAsync(true));
    const has = (topic: string) => seen.some((message) => message.topic === `${ROOT}/${topic}`);
    await until(() => ['latency', 'energy', 'accuracy', 'detection'].every(has), LONG_MS);

    // 0: every step of stopping ended within its limit.
    child.kill('SIGTERM');
    expect(await ended, lines.slice(-8).join('\n')).toBe(0);

    check(seen);
    const windowsOn = (topic: string) =>
      seen
        .filter((message) => message.topic === `${ROOT}/${topic}`)
        .map(({ payload }) => JSON.parse(payload).window);
    const classified = windowsOn('classification/int8');
    expect(classified.length).toBeGreaterThan(0);
    expect(windowsOn('classification/xnor')).toEqual(classified);
    expect(windowsOn('comparison')).toEqual(classified);
    const status = seen.filter(({ topic }) => topic === `${ROOT}/status`).map((s) => s.payload);
    expect(JSON.parse(status.at(-1) ?? '')).toMatchObject({ state: 'offline' });
    const windows = Number(/after (\d+) windows/.exec(lines.join('\n'))?.[1]);
    expect(windows).toBeGreaterThanOrEqual(classified.length);
    const accuracy = seen.findLast(({ topic }) => topic === `${ROOT}/accuracy`);
    expect(JSON.parse(accuracy?.payload ?? '').note).toMatch(/trained on these clips/);
  }, 300_000);

  it('answers commands, and takes a new configuration at SIGHUP but no broken one', async () => {
    const { file, url, write } = await configured({ detection: { windows: 60 } });
    const { child, lines } = start('run', '--config', file);
    await until(() => lines.some((line) => line.includes('connected with MQTT 5')), LONG_MS);
    const { client, seen } = await subscribe(url, `${ROOT}/+`);
    cleanups.push(() => client.endAsync(true));
    const payloads = (topic: string) =>
      seen.filter((s) => s.topic === `${ROOT}/${topic}`).map((s) => JSON.parse(s.payload));
    await until(() => payloads('comparison').length > 2, LONG_MS);

    const { window } = payloads('comparison')[0];
    const send = (name: string, payload: unknown) =>
      client.publishAsync(`${ROOT}/command/${name}`, JSON.stringify(payload), { qos: 1 });
    await send('label', { window, label: 'dog' });
    await send('label', { window: 'long-ago', label: 'dog' });
    await send('push', { board: 'nowhere' });
    await until(() => payloads('reply').length === 3);
    expect(payloads('reply').map(({ ok, message }) => [ok, message])).toEqual([
      [true, `window ${window} was dog`],
      [false, expect.stringMatching(/not remembered/)],
      [false, expect.stringMatching(/no board nowhere/)],
    ]);

    writeFileSync(file, 'audio:\n  hop: never\n');
    child.kill('SIGHUP');
    await until(() => lines.some((line) => line.includes('the old configuration stays')));
    expect(lines.join('\n')).toMatch(/otolith.yaml:2: audio.hop is "never"/);

    expect(payloads('detection')).toHaveLength(0);
    write({
      detection: { threshold: 0, windows: 1, cooldown: '0s' },
      audio: { hop: '400ms' },
      networks: [
        { name: 'another', model: writeTestModel(directory, { name: 'another', form: 'real' }) },
      ],
    });
    child.kill('SIGHUP');
    await until(() => lines.some((line) => line.includes('reload: done')));
    await until(() => payloads('detection').some(({ network }) => network === 'another'));
  }, 300_000);

  it('goes on with its clips where SIGHUP finds them gone, the file emptied, or rules for other networks', async () => {
    const clips = join(mkdtempSync(join(tmpdir(), 'otolith-clips-')), 'sounds');
    cpSync(bundledClips, clips, { recursive: true });
    const { file, write } = await configured({ audio: { clips } });
    // Longer than a timer takes: 25 days and more went off at once.
    const { child, lines } = start('run', '--config', file, '--for', '30d');
    const count = (text: string) => lines.filter((line) => line.includes(text)).length;
    const windows = () => lines.filter((line) => /int8 .* ms\)/.test(line)).length;
    await until(() => windows() > 2, LONG_MS);
    const refusals: readonly (readonly [() => void, RegExp])[] = [
      [() => write({ audio: { clips: `${clips}-gone` } }), /reload: .*audio.clips is .*-gone/],
      [() => writeFileSync(file, ''), /reload: .* is empty/],
      [() => rmSync(file), /reload: .* is not there/],
    ];
    for (const [change, why] of refusals) {
      const before = count('the old configuration stays');
      change();
      child.kill('SIGHUP');
      await until(() => count('the old configuration stays') > before);
      expect(lines.join('\n')).toMatch(why);
    }
    write({ audio: { clips }, networks: [int8], detection: { classes: { dgo: {} } } });
    child.kill('SIGHUP');
    await until(() => lines.some((line) => line.includes('did you mean dog?')));
    const heard = windows();
    await until(() => windows() > heard + 2);
    expect(child.exitCode).toBe(null);
  }, 300_000);

  it('comes back after kill -9 on the same port, with a broker of its own again', async () => {
    const { file, port, stateDir, url } = await configured();
    const first = start('run', '--config', file);
    await until(() => first.lines.some((line) => line.includes('connected with MQTT 5')), LONG_MS);
    first.child.kill('SIGKILL');
    await first.ended;
    const second = start('run', '--config', file);
    await until(() => second.lines.some((line) => line.includes('connected with MQTT 5')), LONG_MS);
    expect(second.lines.join('\n')).toContain(`mosquitto on 127.0.0.1:${port}`);
    const { client, seen } = await subscribe(url, `${ROOT}/comparison`);
    cleanups.push(() => client.endAsync(true));
    await until(() => seen.length > 0);
    second.child.kill('SIGTERM');
    expect(await second.ended).toBe(0);
    const pid = Number(readFileSync(join(stateDir, 'mosquitto', 'mosquitto.pid'), 'utf8'));
    expect(() => process.kill(pid, 0)).toThrow();
  }, 300_000);
});

it('otolith run --for ends by itself, and counts from where it listens', async () => {
  const { file } = await configured();
  const { lines, ended } = start('run', '--config', file, '--for', '1ms');
  expect(await ended, lines.slice(-8).join('\n')).toBe(0);
  const at = (words: RegExp) => lines.findIndex((line) => words.test(line));
  expect(at(/ready in/)).toBeGreaterThanOrEqual(0);
  expect(at(/time is up/)).toBeGreaterThan(at(/ready in/));
});

describe('otolith run refuses in one line', () => {
  const cases: readonly (readonly [string, () => Changes, RegExp])[] = [
    [
      'random weights',
      () => ({
        networks: [
          {
            name: 'untrained',
            model: writeTestModel(directory, { name: 'u', form: 'real', weights: 'random' }),
          },
        ],
      }),
      /networks\[0\].model is .*, whose weights are random: its verdicts mean nothing; name a trained model/,
    ],
    [
      'a network that is not there',
      () => ({ networks: [{ name: 'mine', model: 'nothing' }] }),
      /neither in the zoo nor a file/,
    ],
    [
      'a rule for a network that does not run',
      () => ({ networks: [xnor], detection: { network: 'int8' } }),
      /detection.network is "int8", but no network has that name .*; give one of xnor, agree/,
    ],
    [
      'a board for a network that does not run',
      () => ({ networks: [int8], boards: [{ id: 'emulated:cortex-m4', network: 'mel' }] }),
      /boards\[0\].network is "mel", but no network has that name; give one of int8, best/,
    ],
    [
      'a state directory that cannot be made',
      () => ({ gateway: { stateDir: '/etc/passwd/state' } }),
      /gateway.stateDir is "\/etc\/passwd\/state", but \/etc\/passwd is no folder/,
    ],
  ];

  it.each(cases)('%s', async (_, changes, line) => {
    const { file } = await configured(changes());
    const { lines, ended } = start('run', '--config', file);
    expect(await ended).toBe(1);
    const said = lines.filter((text) => text.startsWith('otolith: '));
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(line);
  });
});
