import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type Broken, environment, itAnswers, linesOf } from '../../test/run/config-lines.ts';
import { parseDuration } from './duration.ts';
import { loadConfig, parseConfig } from './load.ts';
import { configReference } from './reference.ts';
import { configJsonSchema } from './schema.ts';

describe('parseConfig', () => {
  it('has a default for everything', () => {
    const config = parseConfig('', 'none', environment);
    expect(config.gateway).toEqual({
      name: 'attic-local',
      stateDir: '/home/ada/.local/state/otolith',
    });
    expect(config.audio.hop).toBe(1000);
    expect(config.mqtt.outbox.inFlight).toBe(32);
    expect(parseConfig('audio:\n  hop: 1500ms\n', 'f', environment).audio.hop).toBe(1500);
  });

  it('takes the state directory that systemd hands out', () => {
    const env = { STATE_DIRECTORY: '/var/lib/otolith' };
    expect(parseConfig('', 'f', { ...environment, env }).gateway.stateDir).toBe('/var/lib/otolith');
  });

  const broken: readonly Broken[] = [
    ['audio:\n  hop: fast', 2, 'audio.hop', '"fast"', /duration from 100ms to 60s/],
    ['audio:\n  hop: 10', 2, 'audio.hop', '10', /duration/],
    ['audio:\n  hop: 10ms', 2, 'audio.hop', '"10ms"', /from 100ms/],
    ['audio:\n  hop: -1s', 2, 'audio.hop', '"-1s"', /duration/],
    ['audio:\n  source: radio', 2, 'audio.source', '"radio"', /microphone, clips/],
    ['audio:\n  recorder: ffmpeg', 2, 'audio.recorder', '"ffmpeg"', /arecord, sox, rec/],
    ['audio:\n  captureRate: 44.1', 2, 'audio.captureRate', '44.1', /from 8000 to 192000/],
    ['audio:\n  captureRate: 400', 2, 'audio.captureRate', '400', /from 8000/],
    ['audio:\n  device: ""', 2, 'audio.device', '""', /arecord -L/],
    ['audio:\n  loop: sometimes', 2, 'audio.loop', '"sometimes"', /true or false/],
    ['audio:\n  silenceLevel: 3', 2, 'audio.silenceLevel', '3', /-120 to 0/],
    ['audio:\n  hops: 1s', 2, 'audio.hops', 'unknown', /did you mean hop\?/],
    ['audio: loud', 1, 'audio', '"loud"', /map of: source/],
    ['- a\n- b', 1, 'the configuration', '["a","b"]', /map of: gateway/],
    ['gateway:\n  name: My Attic', 2, 'gateway.name', '"My Attic"', /a-z, 0-9/],
    ['gateway:\n  name: ""', 2, 'gateway.name', '""', /1 to 63/],
    ['gateway:\n  stateDir: 7', 2, 'gateway.stateDir', '7', /path of a directory/],
    [
      `networks:\n  - {name: ${'a'.repeat(33)}, model: c}`,
      2,
      'networks[0].name',
      'aaa',
      /1 to 32 of a-z/,
    ],
    ['detection:\n  threshold: 60', 2, 'detection.threshold', '60', /0 to 1/],
    ['detection:\n  windows: 0', 2, 'detection.windows', '0', /1 to 60/],
    ['detection:\n  cool_down: 3s', 2, 'detection.cool_down', 'unknown', /did you mean cooldown/],
    [
      'detection:\n  classes:\n    dog:\n      threshold: 2',
      4,
      'detection.classes.dog.threshold',
      '2',
      /0 to 1/,
    ],
    ['boards:\n  - id: /dev/ttyACM0', 2, 'boards[0].id', '"/dev/ttyACM0"', /by-id/],
    ['boards:\n  - id: emulated:cortex-m0', 2, 'boards[0].id', 'cortex-m0', /cortex-m4/],
    ['boards:\n  - network: int8', 2, 'boards[0].id', 'missing', /emulated:cortex-m4/],
    ['boards: emulated:cortex-m4', 1, 'boards', '"emulated:cortex-m4"', /list/],
    [
      'boards:\n  - id: emulated:cortex-m4\n  - id: emulated:cortex-m4',
      3,
      'boards[1]',
      'again',
      /its own id/,
    ],
    ['mqtt:\n  url: broker.local', 2, 'mqtt.url', '"broker.local"', /mqtt:\/\/HOST/],
    ['mqtt:\n  url: mqtt://ada:secret@host', 2, 'mqtt.url', 'ada', /without user/],
    ['mqtt:\n  url: mqtt://host:99999', 2, 'mqtt.url', 'host:99999', /1 to 65535/],
    ['mqtt:\n  url: mqtt://host:0', 2, 'mqtt.url', 'host:0', /1 to 65535/],
    ['mqtt:\n  url: "mqtt://[::1"', 2, 'mqtt.url', '[::1', /mqtt:\/\/HOST/],
    ['mqtt:\n  url: "mqtt://[host]"', 2, 'mqtt.url', '[host]', /mqtt:\/\/HOST/],
    ['mqtt:\n  username: 1234', 2, 'mqtt.username', '1234', /quotes: "1234"/],
    ['mqtt:\n  baseTopic: "a\\0b"', 2, 'mqtt.baseTopic', '"a', /topic/],
    ['detection:\n  threshold: .nan', 2, 'detection.threshold', 'NaN', /0 to 1/],
    ['mqtt:\n  port: 99999', 2, 'mqtt.port', '99999', /1 to 65535/],
    ['mqtt:\n  version: 4', 2, 'mqtt.version', '4', /auto, 5, 3.1.1/],
    ['mqtt:\n  baseTopic: a/#', 2, 'mqtt.baseTopic', '"a/#"', /without spaces/],
    ['mqtt:\n  password: secret', 2, 'mqtt.password', 'unknown', /passwordFile/],
    ['mqtt:\n  passwordFile: /p', 2, 'mqtt.username', 'missing', /user name/],
    [
      'mqtt:\n  username: a\n  passwordFile: /p\n  passwordEnv: P',
      4,
      'mqtt.passwordEnv',
      '"P"',
      /keep one/,
    ],
    ['mqtt:\n  passwordEnv: 9x', 2, 'mqtt.passwordEnv', '"9x"', /environment variable/],
    [
      'mqtt:\n  url: mqtts://b\n  tls:\n    cert: c.pem',
      4,
      'mqtt.tls.key',
      'missing',
      /both cert and key/,
    ],
    [
      'mqtt:\n  url: mqtt://b:1883\n  tls:\n    ca: ca.pem',
      4,
      'mqtt.tls.ca',
      'plain text',
      /write mqtts:\/\/b:8883, or leave/,
    ],
    [
      'mqtt:\n  url: ws://b/x\n  tls:\n    ca: a',
      4,
      'mqtt.tls.ca',
      'ws://b/x',
      /write wss:\/\/b\/x,/,
    ],
    [
      'mqtt:\n  url: mqtt://b\n  tls:\n    cert: a\n    key: b',
      4,
      'mqtt.tls.cert',
      'plain text',
      /write mqtts:\/\/b,/,
    ],
    ['mqtt:\n  url: mqtt://b\n  tls: {verify: false}', 3, 'mqtt.tls.verify', 'plain', /mqtts/],
    ['mqtt:\n  tls:\n    ca: ca.pem', 3, 'mqtt.tls.ca', 'no mqtt.url', /mqtts:\/\/HOST:8883/],
    ['mqtt:\n  keepAlive: 1s', 2, 'mqtt.keepAlive', '"1s"', /from 5s/],
    ['mqtt:\n  outbox:\n    inFlight: 0', 3, 'mqtt.outbox.inFlight', '0', /1 to 1000/],
    [
      'mqtt:\n  homeAssistant:\n    prefix: "a b"',
      3,
      'mqtt.homeAssistant.prefix',
      '"a b"',
      /topic/,
    ],
    ['audio:\n\thop: 1s', 2, 'not YAML', '', /syntax/],
    ['audio: {hop: 1s', 1, 'not YAML', '', /syntax/],
    ['audio:\n  hop: 1s\n  hop: 2s', 3, 'the key "hop"', 'twice', /keep one/],
    [
      'boards:\n  - id: serial:A.b\n  - id: serial:a:B',
      3,
      'boards[1]',
      'again',
      /its own id and name/,
    ],
  ];

  itAnswers(broken);

  it.each([
    ['mqtt', 'baseTopic', /at most 200/],
    ['mqtt', 'username', /user name/],
    ['mqtt', 'passwordFile', /path of a file/],
    ['gateway', 'stateDir', /path of a directory/],
    ['gateway', 'name', /1 to 63/],
    ['audio', 'device', /arecord/],
  ])('bounds the length of %s.%s', (section, key, hint) => {
    // A topic ends at 65,535 bytes, a path at 4096.
    const [line = '', ...more] = linesOf(`${section}:\n  ${key}: ${'x'.repeat(70_000)}`);
    expect(line.startsWith(`otolith.yaml:2: ${section}.${key} is "xxx`)).toBe(true);
    expect(line).toMatch(hint);
    expect([line.length < 300, more]).toEqual([true, []]);
  });

  it('names every problem of a file at once', () => {
    expect(linesOf('audio:\n  hop: 1\nmqtt:\n  port: no\nnope: 1')).toHaveLength(3);
  });

  it('takes sections with nothing in them as their defaults', () => {
    const defaults = parseConfig('', 'f', environment);
    const empty =
      'gateway:\naudio:\nnetworks:\ndetection:\nboards:\nmqtt:\n  tls:\n  outbox: ~\n  homeAssistant:\n';
    expect(parseConfig(empty, 'f', environment)).toEqual(defaults);
    expect(parseConfig('detection:\n  classes:\n', 'f', environment)).toEqual(defaults);
    expect(linesOf('audio:\n  hop:\n')[0]).toMatch(/audio.hop is empty; .* leave the key out/);
  });

  it('takes what its reference documents, as YAML reads it', () => {
    expect(parseConfig('mqtt:\n  version: 5', 'f', environment).mqtt.version).toBe('5');
    expect(parseConfig('mqtt:\n  version: "5"', 'f', environment).mqtt.version).toBe('5');
    expect(parseConfig('mqtt:\n  version: 3.1.1', 'f', environment).mqtt.version).toBe('3.1.1');
    for (const url of [
      'mqtt://[::1]',
      'mqtts://[fd00::1]:8883',
      'ws://broker/mqtt',
      'mqtt://a.b:1',
    ]) {
      expect(parseConfig(`mqtt:\n  url: "${url}"`, 'f', environment).mqtt.url).toBe(url);
    }
  });

  it('repeats an anchor as often as a file needs it', () => {
    const boards = Array.from({ length: 32 }, (_, i) => `  - {id: "serial:${i}", network: *n}`);
    const text = `mqtt: {version: "5"}\nboards:\n  - {id: serial:x, network: &n xnor}\n`;
    const config = parseConfig(`${text}${boards.slice(1).join('\n')}`, 'f', environment);
    expect(config.boards.map(({ network }) => network)).toEqual(Array(32).fill('xnor'));
  });
});

describe('loadConfig', () => {
  it('reads back what `config show` writes by way of its defaults', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'otolith-')), 'o.yaml');
    await writeFile(file, stringify({ gateway: { name: 'attic' }, audio: { hop: '2s' } }));
    const config = await loadConfig(file, environment);
    expect([config.gateway.name, config.audio.hop]).toEqual(['attic', 2000]);
  });

  it.each([
    ['UTF-16', Buffer.from('\ufeffaudio: {}', 'utf16le'), /written in UTF-16; save it as UTF-8/],
    ['UTF-16 without a mark', Buffer.from('audio: {}', 'utf16le'), /written in UTF-16/],
    ['UTF-16, big end first', Buffer.from('audio: {}', 'utf16le').swap16(), /written in UTF-16/],
    ['Latin-1', Buffer.from('gateway: {name: b\xfcro}', 'latin1'), /not written in UTF-8; save/],
    [
      'a program',
      Buffer.from('\x7fELF\x02\x01\x01\0\0\0', 'latin1'),
      /no text: line 1 holds a byte/,
    ],
    ['a picture', Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1'), /no text: line 2/],
    ['something huge', Buffer.alloc(2 << 20, '#'), /larger than 1 MiB/],
  ])('says what is no configuration: %s', async (_, bytes, message) => {
    const file = join(await mkdtemp(join(tmpdir(), 'otolith-')), 'o.yaml');
    await writeFile(file, bytes);
    const failure = loadConfig(file, environment);
    await expect(failure).rejects.toMatchObject({
      code: 'config',
      line: expect.stringMatching(message),
    });
  });

  it('reads UTF-8 with a mark, and no more of an endless file than it needs', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'otolith-')), 'o.yaml');
    await writeFile(file, '\ufeffaudio:\n  hop: 2s\n');
    expect((await loadConfig(file, environment)).audio.hop).toBe(2000);
    await expect(loadConfig('/dev/zero', environment)).rejects.toThrow(/larger than 1 MiB/);
    await expect(loadConfig(tmpdir(), environment)).rejects.toThrow(/cannot be read/);
  });

  it('says that a named file is not there', async () => {
    await expect(loadConfig('/nowhere/o.yaml', environment)).rejects.toMatchObject({
      code: 'config',
    });
  });
});

describe('schema and reference', () => {
  it('parses durations', () => {
    expect(['250ms', '1.5s', '2m', '1h', '7d', '1y', ''].map(parseDuration)).toEqual([
      250,
      1500,
      120_000,
      3_600_000,
      604_800_000,
      undefined,
      undefined,
    ]);
  });

  it('describes every key and says how to put it right', () => {
    for (const row of configReference().split('\n').slice(2)) {
      expect(row).toMatch(/\| [A-Za-z].{10,} \|$/);
    }
    expect(configReference()).toContain(
      '| `mqtt.outbox.detections` | integer, 100 to 10000000 | `100000` |',
    );
    expect(JSON.stringify(configJsonSchema())).not.toContain('undefined');
  });
});
