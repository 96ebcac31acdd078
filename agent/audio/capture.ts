import type { ChildProcess } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import recorders from 'node-record-lpcm16';
import { reasonOf } from '../errors.ts';

/** What a recorder reports, in order; `end` comes last and once. */
export type CaptureEvent =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  /** The recorder lost samples because nobody took them in time. */
  | { readonly kind: 'overrun' }
  | { readonly kind: 'end'; readonly reason: string };

export interface CaptureOptions {
  readonly recorder: 'arecord' | 'sox' | 'rec';
  readonly device: string | undefined;
  /** Hz; mono, 16 bit. */
  readonly captureRate: number;
}

/** A running recorder. */
export interface Capture {
  readonly pid: number | undefined;
  /** Ends the child; resolves when it is gone. */
  readonly stop: () => Promise<void>;
}

export type StartCapture = (
  options: CaptureOptions,
  onEvent: (event: CaptureEvent) => void,
) => Capture;

const KILL_AFTER_MS = 1000;

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    const forced = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
    child.once('exit', () => {
      clearTimeout(forced);
      resolve();
    });
    child.kill('SIGTERM');
  });
}

/**
 * Starts a recorder through node-record-lpcm16, raw PCM (a WAV header would repeat at 2 GiB). The library leaves its child
 * without an error listener and re-emits exit codes as stream errors: ours are attached before anything can happen.
 */
export const startCapture: StartCapture = ({ recorder, device, captureRate }, onEvent) => {
  let said = '';
  let ended = false;
  const finish = (reason: string) => {
    if (ended) return;
    ended = true;
    const last = said.trim().split('\n').at(-1);
    onEvent({ kind: 'end', reason: last ? `${recorder}: ${last}` : reason });
  };
  const recording = recorders.record({
    recorder,
    sampleRate: captureRate,
    channels: 1,
    audioType: 'raw',
    ...(device === undefined ? {} : { device }),
  });
  const child = recording.process;
  child.once('error', (error) => finish(`${recorder} cannot be started (${reasonOf(error)})`));
  child.once('close', (code, signal) => finish(`${recorder} ended (${code ?? signal})`));
  child.stdout?.on('error', () => undefined); // the exit code; `close` tells it too
  child.stdout?.on('data', (bytes: Buffer) => onEvent({ kind: 'bytes', bytes }));
  child.stderr?.on('data', (bytes: Buffer) => {
    const text = bytes.toString();
    said = (said + text).slice(-1000);
    if (/overrun|xrun/.test(text)) onEvent({ kind: 'overrun' });
  });
  return { pid: child.pid, stop: () => end(child) };
};

/** Who has a capture device open: `name (pid)`. Other users' processes are seen by root only. */
export async function holdersOfCapture(): Promise<readonly string[]> {
  const holders: string[] = [];
  for (const pid of (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))) {
    const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
    const links = await Promise.all(
      files.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')),
    );
    if (!links.some((link) => /^\/dev\/snd\/pcm.*c$/.test(link))) continue;
    const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => 'a process');
    holders.push(`${name.trim()} (${pid})`);
  }
  return holders;
}
