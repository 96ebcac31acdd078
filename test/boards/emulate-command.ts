import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../agent/base/root.ts';
import type { RunningEmulator } from '../../agent/emulator/registry.ts';
import { type BoardContext, boardContext } from '../../agent/firmware/context.ts';
import { OTOLITH } from '../run/command.ts';

const run = promisify(execFile);

/** A state folder of a test's own, and the commands run in it. */
export class Workplace {
  #folder = '';
  #children: ChildProcess[] = [];

  async open(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'otolith-boards-'));
  }

  /** The same with a key to sign firmware by. */
  async openWithKey(): Promise<void> {
    await this.open();
    await this.otolith('keys', 'create');
  }

  async close(): Promise<void> {
    await Promise.all(this.#children.map((child) => ended(child, 'SIGTERM')));
    await rm(this.#folder, { recursive: true });
  }

  path(name: string): string {
    return join(this.#folder, name);
  }

  get context(): BoardContext {
    const folders = { stateDir: this.path('otolith'), cache: cacheFolder(process.env) };
    return boardContext(folders, () => {});
  }

  /** Runs `otolith ...` to its end. */
  async otolith(...args: readonly string[]): Promise<string> {
    const { stdout } = await run(process.execPath, [...OTOLITH, ...args], { env: this.#env }).catch(
      (error) => {
        throw new Error(`otolith ${args.join(' ')}: ${error.stdout}${error.stderr}`);
      },
    );
    return stdout;
  }

  /** Runs `otolith emulate` and returns its first line; it goes on until it is ended or the workplace closes. */
  async emulate(
    board: string,
    ...options: readonly string[]
  ): Promise<RunningEmulator & { readonly child: ChildProcess }> {
    const args = [...OTOLITH, 'emulate', board, '--json', ...options];
    const child = spawn(process.execPath, args, {
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#children.push(child);
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    let line = '';
    for await (const text of child.stdout.setEncoding('utf8')) {
      line += text;
      if (line.includes('\n')) break;
    }
    if (!line.includes('\n')) throw new Error(`otolith emulate ended: ${said}`);
    const answer = JSON.parse(line);
    if ('error' in answer) throw new Error(`otolith emulate ended: ${answer.error.message}`);
    return { ...answer, child };
  }

  get #env(): NodeJS.ProcessEnv {
    return { ...process.env, XDG_STATE_HOME: this.#folder };
  }
}

/** Sends a signal and waits for the end; resolves with how it ended. */
export async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  }
  return child.exitCode;
}

const clients = join(cacheFolder(process.env), 'test-clients/bin');

/** Runs a program of the third-party clients (deploy/setup --test) and returns what it printed. */
export async function client(name: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run(join(clients, name), args, {
    env: { ...process.env, COLUMNS: '300', NO_COLOR: '1' },
    timeout: 120_000,
  });
  return stdout;
}
