import { spawn as nodeSpawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { UserError } from '../base/errors.ts';
import { killTree } from '../base/process-tree.ts';
import { toolHint } from '../base/set-up-hint.ts';
import type { Spawn, Tool } from '../base/tools.ts';
import { toolBegins } from './running-tools.ts';
import { startLimit } from './time-limit.ts';

/** One command, run without a shell. */
export interface ToolCommand {
  readonly tool: Tool;
  readonly args: readonly string[];
}

export interface ToolOptions {
  /** What the command does, for messages: "compiling micro for cortex-m4". */
  readonly task: string;
  readonly cwd: string;
  readonly signal?: AbortSignal | undefined;
  /** Plenty on a PC; a slower machine gets more (time-limit.ts). */
  readonly timeoutMs?: number;
  readonly spawn?: Spawn | undefined;
  /** A program and its first arguments, which starts the tool. */
  readonly wrapper?: readonly string[];
}

/** Compiling one large model takes a PC some seconds. */
const TOOL_TIMEOUT_MS = 180_000;
const MAX_OUTPUT = 1 << 20;

/**
 * Runs a tool to its end and returns what it printed.
 * @throws UserError `tool-missing`, `tool-timeout` or `tool-failed`; the abort reason when `signal` fires.
 */
export function runTool(command: ToolCommand, options: ToolOptions): Promise<string> {
  const { task, signal, timeoutMs = TOOL_TIMEOUT_MS } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const spawn = options.spawn ?? nodeSpawn;
    const [program, ...args] = [...(options.wrapper ?? []), command.tool, ...command.args];
    const child = spawn(program ?? command.tool, args, {
      cwd: options.cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: toolEnvironment(process.env),
    });
    let ended: unknown;
    const stop = (reason: unknown): void => {
      ended ??= reason;
      if (child.pid !== undefined) killTree(child.pid);
    };
    const ends = toolBegins(task);
    const limit = { tool: command.tool, usualMs: timeoutMs, spawn };
    const unlimit = startLimit(limit, (ms) => stop(timeoutError(command, task, ms)));
    const onAbort = (): void => stop(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    const output = { out: collect(child.stdout), err: collect(child.stderr) };
    let settled = false;
    const settle = (error: unknown): void => {
      // One that could not be started fails, and then closes.
      if (settled) return;
      settled = true;
      unlimit();
      ends();
      signal?.removeEventListener('abort', onAbort);
      if (error === undefined) resolve(output.out());
      else reject(error);
    };
    child.once('error', (cause: NodeJS.ErrnoException) => {
      settle(ended ?? (cause.code === 'ENOENT' ? missingTool(command.tool, cause) : cause));
    });
    child.once('close', (code) => {
      settle(
        ended ??
          (code === 0
            ? undefined
            : failedTool(command, task, code, `${output.err()}\n${output.out()}`)),
      );
    });
  });
}

/** Gives the first part of what a stream brings. */
function collect(stream: Readable): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (more: string) => {
    if (text.length < MAX_OUTPUT) text += more;
  });
  return () => text;
}

/** Variables by which a compiler looks for headers, libraries and parts of itself in other places, or writes more files. */
const COMPILER_VARIABLES =
  /^(CPATH|\w*INCLUDE_PATH|LIBRARY_PATH|COMPILER_PATH|GCC_\w+|CCC_\w+|\w+_DEPENDENCIES|DEPENDENCIES_OUTPUT)$/;

function toolEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !COMPILER_VARIABLES.test(name));
  // Messages in one language, so that what is recognised in them is there.
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}

function missingTool(tool: Tool, cause?: unknown): UserError {
  const hint = toolHint(tool);
  return new UserError('tool-missing', `${tool} is missing`, { hint, cause });
}

function timeoutError({ tool }: ToolCommand, task: string, timeoutMs: number): UserError {
  const message = `${task}: ${tool} did not finish within ${Math.round(timeoutMs / 1000)} s`;
  const hint = 'it hangs, or the machine has far too much to do: try again';
  return new UserError('tool-timeout', message, { hint });
}

function failedTool(
  { tool }: ToolCommand,
  task: string,
  code: number | null,
  output: string,
): UserError {
  // clang runs wasm-ld itself, and reports its absence in its own words.
  if (/unable to execute.*wasm-ld|wasm-ld.*(not found|No such file)/.test(output)) {
    return missingTool('wasm-ld');
  }
  // Drivers repeat a linker's failure in a last line that says nothing.
  const lines = output
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^(collect2|clang): error/.test(line));
  const first = lines.find((line) => /error|undefined|overflow/i.test(line)) ?? lines[0];
  const why = (first ?? `exit code ${code ?? 'none'}`).trim();
  return new UserError('tool-failed', `${task}: ${tool} failed: ${why}`);
}
