import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { writeTestModel } from '../../test/run/models.ts';
import { bundledClips } from '../audio/clips.ts';
import { UserError } from '../base/errors.ts';
import { type ConfiguredNetwork, loadConfigFile } from '../config/load.ts';
import { checkSetUp } from './set-up.ts';

const folder = mkdtempSync(join(tmpdir(), 'otolith-set-up-'));
const at = (name: string): string => join(folder, name);
const put = (name: string, content: string | Buffer): string => {
  writeFileSync(at(name), content);
  return at(name);
};
/** Certificates are for a broker with TLS. */
const url = 'mqtts://b';
let good: readonly [ConfiguredNetwork, ConfiguredNetwork];
let certificate: { readonly cert: string; readonly key: string };

beforeAll(() => {
  good = [
    { name: 'a', model: writeTestModel(folder, { name: 'a', form: 'real' }) },
    { name: 'b', model: writeTestModel(folder, { name: 'b', form: 'residual' }) },
  ];
  certificate = { cert: at('c.pem'), key: at('k.pem') };
  for (const [cert, key] of [
    ['c.pem', 'k.pem'],
    ['other.pem', 'other-key.pem'],
  ] as const) {
    const files = ['-out', at(cert), '-keyout', at(key)];
    const request = ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-subj', '/CN=b'];
    execFileSync('openssl', [...request, ...files], { stdio: 'ignore' });
  }
  for (const name of ['clips', 'none', 'broken']) mkdirSync(at(name));
  copyFileSync(join(bundledClips, '1-17367-A-10.ogg'), at('clips/a.ogg'));
  writeFileSync(at('broken/a.wav'), 'RIFF');
  writeFileSync(at('broken/b.ogg'), '');
});

/** The lines that a configuration with these changes is answered with; none where it is good. */
async function answer(changes: object, text = ''): Promise<readonly string[]> {
  const config = { gateway: { stateDir: folder }, networks: good, ...changes };
  const file = put('o.yaml', `${stringify(config)}${text}`);
  const loaded = await loadConfigFile(file);
  try {
    await checkSetUp(loaded);
    return [];
  } catch (error) {
    if (error instanceof UserError && error.code === 'config') return error.line.split('\n');
    throw error;
  }
}

describe('checkSetUp', () => {
  it('finds nothing wrong with files that are what they should be', async () => {
    const tls = { ca: at('c.pem'), ...certificate };
    const passwordFile = put('password', 'secret\n');
    expect(
      await answer({
        audio: { source: 'clips', clips: at('clips') },
        mqtt: { url, username: 'ada', passwordFile, tls },
        detection: { network: 'agree', classes: { dog: { threshold: 0.9 } } },
        boards: [{ id: 'emulated:cortex-m4' }],
      }),
    ).toEqual([]);
    // What is not used is not looked at.
    expect(await answer({ audio: { clips: at('gone') } })).toEqual([]);
    expect(await answer({ gateway: { stateDir: at('later/on') } })).toEqual([]);
  });

  const cows = (): ConfiguredNetwork => ({
    name: 'cows',
    model: writeTestModel(folder, { name: 'cows', form: 'residual', labels: ['cat', 'cow'] }),
  });

  // changes, then what its one line must say: the line of the key, what is there, how to fix it
  const broken: readonly (readonly [string, () => object, RegExp])[] = [
    [
      'no model',
      () => ({ networks: [good[0], { name: 'c', model: at('gone') }] }),
      /:7: networks\[1\].model is .*gone, which is neither in the zoo nor a file/,
    ],
    [
      'no model any more',
      () => ({ networks: [{ name: 'a', model: put('m', 'text') }] }),
      /:5: .*m/,
    ],
    [
      'random weights',
      () => ({
        networks: [
          {
            name: 'a',
            model: writeTestModel(folder, { name: 'r', form: 'real', weights: 'random' }),
          },
        ],
      }),
      /:5: networks\[0\].model is .*r.safetensors, whose weights are random/,
    ],
    [
      'agreement of one network',
      () => ({ networks: [good[0]], detection: { network: 'agree' } }),
      /:7: detection.network is agree, but no two networks are compared/,
    ],
    [
      'agreement where nothing is compared',
      () => ({ compare: [], detection: { network: 'agree' } }),
      /:10: detection.network is agree, but no two networks are compared/,
    ],
    [
      'a class nobody knows',
      () => ({ detection: { classes: { dgo: {} } } }),
      /:10: detection.classes.dgo is no class of the networks; did you mean dog\?/,
    ],
    [
      'a class far from all',
      () => ({ detection: { classes: { whale: {} } } }),
      /known here: chainsaw, clock_tick, .*sneezing$/,
    ],
    [
      'compared networks that differ',
      () => ({ networks: [good[0], cows()], compare: [['a', 'cows']] }),
      /:9: compare\[0\] is a and cows, whose classes or windows differ/,
    ],
    [
      'agreeing networks that differ',
      () => ({
        networks: [...good, cows()],
        detection: { network: 'agree', pair: ['a', 'cows'] },
      }),
      /:13: detection.pair is a and cows, whose classes or windows differ/,
    ],
    [
      'no clips',
      () => ({ audio: { source: 'clips', clips: at('gone') } }),
      /:10: audio.clips is .*gone, which cannot be read \(/,
    ],
    [
      'an empty folder',
      () => ({ audio: { source: 'clips', clips: at('none') } }),
      /:10: .* holds no clips/,
    ],
    [
      'clips that cannot be decoded',
      () => ({ audio: { source: 'clips', clips: at('broken') } }),
      /:10: audio.clips is .*broken, where no clip can be decoded \(a.wav/,
    ],
    [
      'no password file',
      () => ({ mqtt: { username: 'a', passwordFile: at('gone') } }),
      /:10: mqtt.passwordFile is .*gone, which cannot be read/,
    ],
    [
      'an empty password file',
      () => ({ mqtt: { username: 'a', passwordFile: put('p', '\nsecret') } }),
      /:10: .* whose first line gives an empty password/,
    ],
    [
      'a picture for a password',
      () => ({ mqtt: { username: 'a', passwordFile: put('p', Buffer.alloc(70_000, 1)) } }),
      /a password of 70000 bytes/,
    ],
    [
      'a variable that is not set',
      () => ({ mqtt: { username: 'a', passwordEnv: 'OTOLITH_NO_SUCH' } }),
      /:10: mqtt.passwordEnv is OTOLITH_NO_SUCH, which is not set/,
    ],
    [
      'no authority',
      () => ({ mqtt: { tls: { ca: at('gone') }, url } }),
      /:10: mqtt.tls.ca is .*gone, which cannot be read/,
    ],
    [
      'an authority that is none',
      () => ({ mqtt: { tls: { ca: put('x.pem', 'x') }, url } }),
      /:10: mqtt.tls.ca is .*x.pem, which is not a certificate \(it has no -----BEGIN/,
    ],
    [
      'a key for an authority',
      () => ({ mqtt: { tls: { ca: at('k.pem') }, url } }),
      /mqtt.tls.ca is .*k.pem, which is not a certificate/,
    ],
    [
      'a certificate for a key',
      () => ({ mqtt: { tls: { cert: at('c.pem'), key: at('c.pem') }, url } }),
      /:11: mqtt.tls.key is .*c.pem, which is not a private key/,
    ],
    [
      'the key of another',
      () => ({ mqtt: { tls: { cert: at('c.pem'), key: at('other-key.pem') }, url } }),
      /:11: mqtt.tls.key is .*other-key.pem, which is not the key of/,
    ],
    [
      'a state folder that is a file',
      () => ({ gateway: { stateDir: put('file', '') } }),
      /:2: gateway.stateDir is ".*file", which is no folder/,
    ],
    [
      'a state folder below a file',
      () => ({ gateway: { stateDir: join(put('file', ''), 'a/b') } }),
      /:2: .*, but .*file is no folder/,
    ],
  ];

  it.each(broken)('names %s by line', async (_, changes, line) => {
    const lines = await answer(changes());
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(line);
    expect(lines[0]?.startsWith(`${at('o.yaml')}:`)).toBe(true);
  });

  it('names everything at once', async () => {
    const lines = await answer({
      networks: ['a', 'b'].map((name) => ({ name, model: at('gone') })),
      audio: { source: 'clips', clips: at('gone') },
      mqtt: { username: 'a', passwordFile: at('gone'), tls: { ca: at('gone') }, url },
    });
    expect(lines).toHaveLength(5);
  });

  it('names a signing key that boards could not trust', async () => {
    const stateDir = at('state');
    mkdirSync(join(stateDir, 'keys'), { recursive: true });
    writeFileSync(join(stateDir, 'keys', 'signing-ed25519.pem'), 'x', { mode: 0o600 });
    const boards = [{ id: 'emulated:cortex-m4' }];
    const lines = await answer({ gateway: { stateDir }, boards });
    expect(lines).toEqual([expect.stringMatching(/signing-ed25519.pem is not an Ed25519 key/)]);
  });
});
