import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { UserError } from '../errors.ts';
import { parseDuration } from './duration.ts';
import { loadConfig, parseConfig, type Surroundings } from './load.ts';
import { configReference } from './reference.ts';
import { configJsonSchema } from './schema.ts';

const around: Surroundings = { env: {}, home: '/home/ada', host: 'Attic.Local' };

function linesOf(text: string): readonly string[] {
  try {
    parseConfig(text, 'otolith.yaml', around);
  } catch (error) {
    if (error instanceof UserError) return error.line.split('\n');
    throw error;
  }
  return [];
}

describe('parseConfig', () => {
  it('has a default for everything', () => {
    const config = parseConfig('', 'none', around);
    expect(config.gateway).toEqual({
      name: 'attic-local',
      stateDir: '/home/ada/.local/state/otolith',
    });
    expect(config.audio.hop).toBe(1000);
    expect(config.mqtt.outbox.inFlight).toBe(32);
    expect(parseConfig('audio:\n  hop: 1500ms\n', 'f', around).audio.hop).toBe(1500);
  });

  it('takes the state directory that systemd hands out', () => {
    const env = { STATE_DIRECTORY: '/var/lib/otolith' };
    expect(parseConfig('', 'f', { ...around, env }).gateway.stateDir).toBe('/var/lib/otolith');
  });

  // text of the file, then what its error line must hold: line, path, value, mend
  const broken: readonly (readonly [string, number, string, string, RegExp])[] = [
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
    ['networks:\n  int8: [a]', 2, 'networks.int8', '["a"]', /path of a file/],
    ['networks:\n  float: x', 2, 'networks.float', 'unknown', /known here: int8, xnor/],
    ['detection:\n  threshold: 60', 2, 'detection.threshold', '60', /0 to 1/],
    ['detection:\n  windows: 0', 2, 'detection.windows', '0', /1 to 60/],
    ['detection:\n  network: float', 2, 'detection.network', '"float"', /int8, xnor, both/],
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
    ['mqtt:\n  tls:\n    cert: c.pem', 3, 'mqtt.tls.key', 'missing', /both cert and key/],
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
    ['audio:\n  hop: 1s\n  hop: 2s', 3, 'not YAML', 'unique', /syntax/],
  ];

  it.each(broken)('answers %j in one line', (text, line, path, value, mend) => {
    const lines = linesOf(text);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`otolith.yaml:${line}: ${path}`);
    expect(lines[0]).toContain(value);
    expect(lines[0]).toMatch(mend);
  });

  it('names every problem of a file at once', () => {
    expect(linesOf('audio:\n  hop: 1\nmqtt:\n  port: no\nnope: 1')).toHaveLength(3);
  });

  it('refuses aliases that grow without end', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      'b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]',
      'c: [*b,*b,*b,*b]',
    ];
    expect(() => parseConfig(bomb.join('\n'), 'f', around)).toThrow();
  });
});

describe('loadConfig', () => {
  it('reads back what `config show` writes by way of its defaults', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'otolith-')), 'o.yaml');
    await writeFile(file, stringify({ gateway: { name: 'attic' }, audio: { hop: '2s' } }));
    const config = await loadConfig(file, around);
    expect([config.gateway.name, config.audio.hop]).toEqual(['attic', 2000]);
  });

  it('says that a named file is not there', async () => {
    await expect(loadConfig('/nowhere/o.yaml', around)).rejects.toMatchObject({ code: 'config' });
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

  it('describes every key and says how to mend it', () => {
    for (const row of configReference().split('\n').slice(2)) {
      expect(row).toMatch(/\| [A-Za-z].{10,} \|$/);
    }
    expect(configReference()).toContain(
      '| `mqtt.outbox.detections` | integer, 100 to 10000000 | `100000` |',
    );
    expect(JSON.stringify(configJsonSchema())).not.toContain('undefined');
  });
});
