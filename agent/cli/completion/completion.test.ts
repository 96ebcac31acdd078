import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { OTOLITH } from '../../../test/run/command.ts';
import { buildProgram } from '../main.ts';
import { candidatesFor } from './complete.ts';
import { completionScript } from './scripts.ts';
import { sourceNames } from './values.ts';

const program = buildProgram();
const typed = async (line: string) => {
  const { candidates, files } = await candidatesFor(program, line.split(' ').slice(1));
  return [...candidates.map(({ value }) => value), ...(files ? [':files'] : [])];
};

describe('what may come next', () => {
  it('is a command, then its subcommand', async () => {
    expect(await typed('otolith com')).toEqual(['compress', 'compile', 'completion']);
    expect(await typed('otolith compress ')).toEqual(['prune', 'quantize', 'binarize', 'help']);
    expect(await typed('otolith help k')).toEqual(['keys']);
  });

  it('is an option that is not there yet, of this command', async () => {
    expect(await typed('otolith run --')).toEqual([
      '--config',
      '--for',
      '--demo',
      '--json',
      '--help',
    ]);
    expect(await typed('otolith run --demo --d')).toEqual([]);
    expect(await typed('otolith -')).toEqual(['--version', '--help']);
  });

  it('is a network of the zoo, or a file', async () => {
    expect(await typed('otolith push qm')).toEqual(['qmicro-acdnet-esc10', ':files']);
    expect(await typed('otolith bench qmicro-acdnet-esc10 xn')).toContain('xnor-esc10');
    expect(await typed('otolith run --config ')).toEqual([':files']);
  });

  it('is a board', async () => {
    expect(await typed('otolith push x --board emulated:cortex-m5')).toContain(
      'emulated:cortex-m55',
    );
    expect(await typed('otolith push x --board=emulated:cortex-m5')).toEqual([
      '--board=emulated:cortex-m55',
    ]);
    expect(await typed('otolith emulate cortex-m5')).toEqual(['cortex-m55']);
    expect(await typed('otolith bench x --board a')).toEqual(['all']);
  });

  it('is a value that the option takes', async () => {
    expect(await typed('otolith push x --framing ')).toEqual(['console', 'raw']);
    expect(await typed('otolith train --net mel-l')).toEqual(['mel-lstm']);
    expect(await typed('otolith run --for ')).toEqual([]);
    expect(await typed('otolith completion ')).toEqual(['bash', 'zsh', 'fish']);
    expect(await typed('otolith push -- --b')).toEqual([':files']);
  });
});

test('every source of values belongs to a command line that there is', () => {
  for (const name of sourceNames) {
    const words = name.split(' ');
    let command = program;
    for (const word of words.slice(0, -1)) {
      command = command.commands.find((sub) => sub.name() === word) ?? expect.fail(name);
    }
    const what = words.at(-1) ?? '';
    const options = command.options.map((option) => option.long);
    const given = command.registeredArguments.map((argument) => `<${argument.name()}>`);
    expect([...options, ...given]).toContain(what);
  }
});

const has = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0;

describe('in the shells themselves', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'otolith-shell-'));
    const script = `#!/bin/sh\nexec ${[process.execPath, ...OTOLITH].join(' ')} "$@"\n`;
    writeFileSync(join(folder, 'otolith'), script);
    chmodSync(join(folder, 'otolith'), 0o755);
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const shell = (name: string, script: string): string =>
    execFileSync(name, ['-c', script], {
      env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
      encoding: 'utf8',
    });

  it.each([
    ['otolith pu', 'push'],
    ['otolith push qm', 'qmicro-acdnet-esc10'],
    // bash replaces what is behind the colon only
    ['otolith push x --board emulated:cortex-m5', 'cortex-m55'],
    ['otolith emulate --flash /et', '/etc'],
  ])('bash: %s', (line, completed) => {
    const script = `${completionScript('bash')}
      compopt() { :; }
      COMP_WORDBREAKS=$' \\t\\n"\\'><=;|&(:' COMP_LINE='${line}' COMP_POINT=${line.length} COMP_WORDS=(${line})
      _otolith; printf '%s\\n' "\${COMPREPLY[@]}"`;
    expect(shell('bash', script)).toBe(`${completed}\n`);
  });

  it.skipIf(!has('fish'))('fish', () => {
    const script = `${completionScript('fish')}\ncomplete -C 'otolith push x --board emulated:cortex-m5'`;
    expect(shell('fish', script)).toMatch(/^emulated:cortex-m55\t/);
  });

  it.skipIf(!has('zsh'))('zsh: the script is one', () => {
    expect(shell('zsh', `compdef() { print $1 $2 }\n${completionScript('zsh')}`)).toBe(
      '_otolith otolith\n',
    );
  });
});
