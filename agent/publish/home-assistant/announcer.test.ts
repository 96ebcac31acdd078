import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Announcer } from './announcer.ts';

const identity = { root: 'o/attic', gateway: 'attic', version: '1', prefix: 'ha' };
const GATEWAY = 'ha/device/otolith_attic/config';
const mel = { networks: ['mel'], pairs: [] };

/** A run of the gateway on a state folder: what it announced last, by topic, and what it logged. */
async function run(stateDir: string, act: (announcer: Announcer) => void, hasRunBefore = false) {
  const announced = new Map<string, string>();
  const lines: string[] = [];
  const announcer = new Announcer({
    ...{ identity, stateDir, hasRunBefore },
    publisher: { announce: ({ topic, payload }) => void announced.set(topic, payload) },
    write: async (path, text) => writeFileSync(path, text),
    log: (line) => void lines.push(line),
  });
  await announcer.open();
  act(announcer);
  await announcer.close();
  const { components } = JSON.parse(announced.get(GATEWAY) ?? '{}') as {
    components: Record<string, object>;
  };
  const withdrawn = Object.entries(components)
    .filter(([, component]) => Object.keys(component).join() === 'platform')
    .map(([key]) => key);
  return { announced, lines, withdrawn };
}

const folder = () => mkdtempSync(join(tmpdir(), 'otolith-announcer-'));

it('withdraws what an earlier run announced and the configuration no longer has', async () => {
  const stateDir = folder();
  await run(stateDir, (announcer) => {
    announcer.gateway({ networks: ['mel', 'xnor'], pairs: [['mel', 'xnor']] }, ['m4', 'm7']);
    announcer.board({ name: 'm4', core: 'cortex-m4' });
    announcer.board({ name: 'm7', core: 'cortex-m7' });
  });
  const next = await run(stateDir, (announcer) => announcer.gateway(mel, ['m7']));
  expect(next.withdrawn).toEqual(expect.arrayContaining(['xnor_sound', 'agreement_mel__xnor']));
  expect(next.withdrawn).not.toContain('mel_sound');
  expect(next.announced.get('ha/device/otolith_attic_m4/config')).toBe('');
  expect(next.announced.has('ha/device/otolith_attic_m7/config')).toBe(false);
  // Home Assistant may have been away: it hears of it whenever it comes.
  const later = await run(stateDir, (announcer) => announcer.gateway(mel, ['m7']));
  expect(later.withdrawn).toContain('xnor_sound');
  expect(later.announced.has('ha/device/otolith_attic_m4/config')).toBe(false);
});

it('withdraws what versions announced whose networks had no names, but not a network that is called so', async () => {
  const announce = (announcer: Announcer) =>
    announcer.gateway({ networks: ['xnor'], pairs: [] }, []);
  const { withdrawn } = await run(folder(), announce, true);
  expect(withdrawn).toEqual([
    ...['sound', 'confidence', 'latency', 'energy'].map((what) => `int8_${what}`),
    'agreement',
  ]);
});

it('withdraws nothing in a first run, nor in those after it', async () => {
  const stateDir = folder();
  for (const hasRunBefore of [false, true, true]) {
    const next = await run(stateDir, (announcer) => announcer.gateway(mel, []), hasRunBefore);
    expect(next.withdrawn).toEqual([]);
  }
});

it('goes on where its file is damaged, and writes it again', async () => {
  const stateDir = folder();
  const file = join(stateDir, 'home-assistant.json');
  writeFileSync(file, '{"gateway":');
  const { lines } = await run(stateDir, (announcer) => announcer.gateway(mel, []));
  expect(lines).toEqual([expect.stringMatching(/home-assistant.json is damaged/)]);
  expect(JSON.parse(readFileSync(file, 'utf8')).gateway.mel_sound).toBe('sensor');
});
