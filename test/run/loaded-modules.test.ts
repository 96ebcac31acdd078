import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const PROBE = new URL('./loaded/probe.mjs', import.meta.url).href;
const OTOLITH = new URL('./otolith.ts', import.meta.url).pathname;
/** What runs the sources, here alone. */
const RUNNER = new Set(['tsx', 'esbuild', '@esbuild', 'get-tsconfig', 'resolve-pkg-maps']);

/** The packages and the files of ours that a command line loads. */
function loadedBy(...argv: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'otolith-loaded-'));
  const file = join(folder, 'modules');
  const config = join(folder, 'otolith.yaml');
  writeFileSync(file, '');
  writeFileSync(config, `gateway:\n  stateDir: ${folder}\n`);
  const args = argv.map((word) => (word === 'CONFIG' ? config : word));
  const { status } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--import', PROBE, OTOLITH, ...args],
    { env: { ...process.env, LOADED_MODULES: file }, encoding: 'utf8' },
  );
  const urls = [...new Set(readFileSync(file, 'utf8').split('\n'))];
  const packages = urls.flatMap((url) => {
    const [, name] = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
    return name === undefined || RUNNER.has(name) || RUNNER.has(name.split('/')[0] ?? '')
      ? []
      : [name];
  });
  const ours = urls.flatMap((url) => /\/((?:agent|protocol)\/.*\.ts)/.exec(url)?.[1] ?? []);
  return { status, packages: [...new Set(packages)].sort(), files: packages.length, ours };
}

/** What reads a command line: options, and durations such as that of --for. */
const READS_LINES = ['commander', 'ms'];
/** What checks a configuration and says what a wrong key may have meant. */
const READS_FILES = ['yaml', 'zod', 'fastest-levenshtein', 'write-file-atomic', 'imurmurhash'];

describe('a command loads only what it needs', () => {
  it.each(['help', '--help', 'run --help', 'train --help', 'compress prune --help'])(
    '%s: what reads the command line, and nothing else',
    (line) => {
      const { status, packages, files, ours } = loadedBy(...line.split(' '));
      expect(status).toBe(0);
      expect(packages).toEqual(READS_LINES);
      expect(files).toBeLessThan(12);
      expect(ours.filter((path) => !path.startsWith('agent/cli/')).length).toBeLessThan(15);
    },
  );

  it.each(['psuh', 'run --for ever'])('%s: nor where the command line is wrong', (line) => {
    const { status, packages } = loadedBy(...line.split(' '));
    expect(status).toBe(2);
    expect(packages).toEqual(READS_LINES);
  });

  it.each(['config check --config CONFIG', 'config schema', 'topics'])(
    '%s: no broker, serial port, store, decoder or TensorFlow',
    (line) => {
      const { status, packages } = loadedBy(...line.split(' '));
      expect(status).toBe(0);
      expect([...READS_LINES, ...READS_FILES]).toEqual(expect.arrayContaining(packages));
    },
  );
});
