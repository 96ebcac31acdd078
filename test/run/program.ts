import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { ConfiguredNetwork } from '../../agent/config/load.ts';
import { freePort } from '../publish/broker.ts';
import { OTOLITH } from './command.ts';
import { writeTestModel } from './models.ts';

export const ROOT = 'otolith/attic';

export interface Running {
  readonly child: ChildProcess;
  /** What it has printed, standard output and error together. */
  readonly lines: string[];
  /** Its exit code. */
  readonly ended: Promise<number | null>;
}

/** A run drains within 5 s of SIGTERM. */
const END_TIMEOUT_MS = 8000;

/** Ends a run so that it takes its broker and emulators with it. */
export async function end({ child, ended }: Running): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const forced = setTimeout(() => child.kill('SIGKILL'), END_TIMEOUT_MS);
  await ended;
  clearTimeout(forced);
}

/** Starts the program; whoever does ends it. */
export function otolith(...args: readonly string[]): Running {
  const child = spawn(process.execPath, [...OTOLITH, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return runningOf(child);
}

/** A program that was started otherwise. */
export function runningOf(child: ChildProcess): Running {
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.on('data', (bytes: Buffer) => {
      const parts = (rest + bytes.toString()).split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts);
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, lines, ended };
}

/** Two networks of different arithmetic on the waveform, in a folder of their own: `int8` and `xnor`. */
export function testNetworks(
  size: 'small' | 'full' = 'small',
): readonly [ConfiguredNetwork, ConfiguredNetwork] {
  const directory = mkdtempSync(join(tmpdir(), 'otolith-networks-'));
  return [
    {
      name: 'int8',
      model: writeTestModel(directory, { name: 'test-int8', form: 'real', size }),
    },
    {
      name: 'xnor',
      model: writeTestModel(directory, { name: 'test-xnor', form: 'residual', size }),
    },
  ];
}

export interface Changes {
  readonly gateway?: object;
  readonly audio?: object;
  readonly networks?: readonly object[];
  readonly compare?: readonly object[];
  readonly detection?: object;
  readonly mqtt?: object;
  readonly boards?: readonly object[];
}

/** A configuration of its own for one run: clips, a broker on a free port. */
export async function configure(changes: Changes = {}) {
  const stateDir = mkdtempSync(join(tmpdir(), 'otolith-state-'));
  const port = await freePort();
  const file = join(stateDir, 'otolith.yaml');
  const write = (more: Changes = {}) => {
    const { gateway, audio, mqtt, ...all } = { ...changes, ...more };
    const config = {
      gateway: { name: 'attic', stateDir, ...gateway },
      audio: { source: 'clips', hop: '500ms', ...audio },
      mqtt: { port, ...mqtt },
      ...all,
    };
    writeFileSync(file, stringify(config));
  };
  write();
  return { file, port, stateDir, write, url: `mqtt://127.0.0.1:${port}` };
}
