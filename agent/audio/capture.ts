import type { ChildProcess } from 'node:child_process';
import recorders from 'node-record-lpcm16';
import { reasonOf } from '../base/errors.ts';

/** What a recorder reports, in order; `end` comes last and once. */
export type CaptureEvent =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  /** The recorder lost samples, so many times, because nobody took them in time. */
  | { readonly kind: 'overrun'; readonly times: number }
  /** The device has another rate than it was asked for, in Hz. */
  | { readonly kind: 'rate'; readonly rate: number }
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
/** How arecord and sox report lost samples, once each time. */
const OVERRUN = /overrun|xrun/gi;
/** How arecord and sox say that the device has another rate. */
const OTHER_RATE =
  /rate is not accurate.*got = (\d{4,6})|can't set sample rate \d+; using (\d{4,6})/;

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
  let output = '';
  let ended = false;
  const finish = (reason: string) => {
    if (ended) return;
    ended = true;
    const last = output.trim().split('\n').at(-1);
    // arecord begins its lines with its name and a place in its source.
    const why = last?.replace(/^\w+: (\w+:\d+: )?/, '');
    onEvent({ kind: 'end', reason: why ? `${recorder}: ${why}` : reason });
  };
  const recording = recorders.record({
    recorder,
    sampleRate: captureRate,
    channels: 1,
    audioType: 'raw',
    ...(device === undefined ? {} : { device }),
  });
  const child = recording.process;
  const program = recorder === 'arecord' ? 'alsa-utils' : 'sox';
  child.once('error', (error) =>
    finish(`${recorder} cannot be started (${reasonOf(error)}); apt-get install ${program}`),
  );
  child.once('close', (code, signal) => finish(`${recorder} ended (${code ?? signal})`));
  child.stdout?.on('error', () => undefined); // the exit code; `close` gives it too
  child.stdout?.on('data', (bytes: Buffer) => onEvent({ kind: 'bytes', bytes }));
  child.stderr?.on('data', (bytes: Buffer) => {
    const text = bytes.toString();
    const times = text.match(OVERRUN)?.length ?? 0;
    if (times > 0) onEvent({ kind: 'overrun', times });
    else output = (output + text).slice(-1000);
    const [, arecord, sox] = OTHER_RATE.exec(text) ?? [];
    const rate = arecord ?? sox;
    if (rate !== undefined && Number(rate) !== captureRate) {
      onEvent({ kind: 'rate', rate: Number(rate) });
    }
  });
  return { pid: child.pid, stop: () => end(child) };
};
