import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Spawn } from '../base/tools.ts';
import { watchTools } from './running-tools.ts';
import { runTool } from './toolchain.ts';

/** Runs a shell command where a tool was asked for. */
const inShell = (script: string): Spawn =>
  ((_tool: string, _args: readonly string[], options: object) =>
    spawn('/bin/sh', ['-c', script], options)) as Spawn;
const missing = ((_tool: string, args: readonly string[], options: object) =>
  spawn('/nowhere/compiler', [...args], options)) as Spawn;

const command = { tool: 'clang', args: [] } as const;
const options = { task: 'compiling x for wasm', cwd: tmpdir() };

describe('runTool', () => {
  it('returns what the tool prints', async () => {
    expect(await runTool(command, { ...options, spawn: inShell('echo hello') })).toBe('hello\n');
  });

  it('names the package of a tool that is missing', async () => {
    await expect(runTool(command, { ...options, spawn: missing })).rejects.toMatchObject({
      code: 'tool-missing',
      line: 'clang is missing; run deploy/setup, or apt-get install clang',
    });
  });

  it("knows the linker's absence from clang's words", async () => {
    const script =
      'echo "clang: error: unable to execute command: Executable \\"wasm-ld\\" not there" >&2; exit 1';
    await expect(runTool(command, { ...options, spawn: inShell(script) })).rejects.toThrow(
      /wasm-ld is missing/,
    );
  });

  it('shows the first error of a tool that fails', async () => {
    const script =
      'echo "In file included" >&2; echo "a.c:3: error: no" >&2; echo "collect2: error: ld" >&2; exit 1';
    await expect(runTool(command, { ...options, spawn: inShell(script) })).rejects.toMatchObject({
      code: 'tool-failed',
      message: 'compiling x for wasm: clang failed: a.c:3: error: no',
    });
  });

  it('gives a machine more time on which the tool with nothing to do takes longer than on a PC', async () => {
    const slow = ((_tool: string, args: readonly string[], how: object) =>
      spawn('/bin/sh', ['-c', args.length > 0 ? 'sleep 0.3' : 'sleep 1; echo done'], how)) as Spawn;
    const run = runTool(command, { ...options, spawn: slow, timeoutMs: 200 });
    expect(await run).toBe('done\n');
  });

  it('says what runs to whoever watches, and when it ends', async () => {
    const reported: string[] = [];
    const unwatch = watchTools((task) => {
      reported.push(`begins: ${task}`);
      return () => reported.push(`ends: ${task}`);
    });
    await runTool(command, { ...options, spawn: inShell('true') });
    await expect(runTool(command, { ...options, spawn: missing })).rejects.toThrow(/missing/);
    unwatch();
    await runTool(command, { ...options, spawn: inShell('true') });
    const { task } = options;
    expect(reported).toEqual([
      `begins: ${task}`,
      `ends: ${task}`,
      `begins: ${task}`,
      `ends: ${task}`,
    ]);
  });

  it('kills a tool that takes too long, or whose result nobody wants any more', async () => {
    const hangs = ((_tool: string, args: readonly string[], how: object) =>
      spawn('/bin/sh', ['-c', args.length > 0 ? 'true' : 'exec sleep 60'], how)) as Spawn;
    const slow = { ...options, spawn: hangs };
    await expect(runTool(command, { ...slow, timeoutMs: 50 })).rejects.toMatchObject({
      code: 'tool-timeout',
    });
    const controller = new AbortController();
    const run = runTool(command, { ...slow, signal: controller.signal });
    controller.abort(new Error('changed my mind'));
    await expect(run).rejects.toThrow('changed my mind');
    await expect(runTool(command, { ...slow, signal: controller.signal })).rejects.toThrow(
      'changed my mind',
    );
  });

  describe('with a driver that starts a compiler', () => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'otolith-driver-'));
    });
    afterEach(() => rm(folder, { recursive: true }));
    const DRIVER = 'sleep 600 & echo $! > pass.new; mv pass.new pass; wait';

    it('kills both when nobody wants the result any more, and does not wait for either', async () => {
      const listening = process.listenerCount('SIGTERM');
      const controller = new AbortController();
      const spawn = inShell(DRIVER);
      const run = runTool(command, { ...options, cwd: folder, spawn, signal: controller.signal });
      const pass = await pidIn(join(folder, 'pass'));
      // Signals stay whose they are: a run that is told to stop sends what waits first, compiler or not.
      expect(process.listenerCount('SIGTERM')).toBe(listening);
      controller.abort(new Error('changed my mind'));
      await expect(run).rejects.toThrow('changed my mind');
      await gone(pass);
    });
  });
});

/** The number that a script writes into a file. */
async function pidIn(file: string): Promise<number> {
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => '');
    if (text !== '') return Number(text);
    await setTimeout(10);
  }
}

/** Waits until a process is no more, or is only waiting to be reaped. */
async function gone(pid: number): Promise<void> {
  const state = () => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
  while (!(await state()).includes(') Z')) await setTimeout(10);
}
