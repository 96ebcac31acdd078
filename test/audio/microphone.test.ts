import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startCapture } from '../../agent/audio/capture.ts';
import { Microphone, type MicrophoneOptions } from '../../agent/audio/microphone.ts';
import type { AudioEvent } from '../../agent/audio/source.ts';

// A real arecord captures through ALSA's file plugin from a pipe, into which a feeder writes a tone at real-time pace:
// one period of arecord's at a time, since the plugin does not make up for a short read.
const RATE = 48_000;
let directory: string;
let feeder: ChildProcess;
const previous = process.env.ALSA_CONFIG_PATH;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'otolith-alsa-'));
  const pipe = join(directory, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const config = join(directory, 'asoundrc');
  writeFileSync(
    config,
    `pcm.tone { type file slave.pcm { type null } file /dev/null infile "${pipe}" format raw }\n`,
  );
  process.env.ALSA_CONFIG_PATH = `/usr/share/alsa/alsa.conf:${config}`;
  const program = `
    const { openSync, writeSync } = require('node:fs');
    const pipe = openSync(process.argv[1], 'r+');
    let n = 0;
    setInterval(() => {
      const bytes = Buffer.alloc(12000);
      for (let i = 0; i < 6000; i++, n++) bytes.writeInt16LE(Math.round(8000 * Math.sin(2 * Math.PI * 1000 * n / 48000)), 2 * i);
      writeSync(pipe, bytes);
    }, 125);`;
  feeder = spawn(process.execPath, ['-e', program, pipe], { stdio: 'ignore' });
});

afterEach(() => {
  feeder.kill('SIGKILL');
  if (previous === undefined) delete process.env.ALSA_CONFIG_PATH;
  else process.env.ALSA_CONFIG_PATH = previous;
});

function microphone(changes: Partial<MicrophoneOptions> = {}) {
  const pids: (number | undefined)[] = [];
  const made = new Microphone({
    recorder: 'arecord',
    device: 'tone',
    captureRate: RATE,
    silenceAfterMs: 60_000,
    silenceLevel: -90,
    now: Date.now,
    monotonic: () => performance.now(),
    start: (options, onEvent) => {
      const capture = startCapture(options, onEvent);
      pids.push(capture.pid);
      return capture;
    },
    ...changes,
    limits: { firstPause: 50, ...changes.limits },
  });
  return { made, pids };
}

/** Listens until the events satisfy a condition; gives all of them. */
async function listen(source: Microphone, enough: (events: readonly AudioEvent[]) => boolean) {
  const events: AudioEvent[] = [];
  const stop = new AbortController();
  const guard = AbortSignal.timeout(20_000);
  for await (const event of source.events(AbortSignal.any([stop.signal, guard]))) {
    events.push(event);
    if (enough(events)) stop.abort();
  }
  if (guard.aborted) throw new Error(`not enough within 20 s: ${JSON.stringify(states(events))}`);
  return events;
}

const states = (events: readonly AudioEvent[]) =>
  events.flatMap((event) => (event.kind === 'state' ? [event.state] : []));
const heard = (events: readonly AudioEvent[]) =>
  events.flatMap((event) => (event.kind === 'samples' ? [...event.samples] : []));
const isAlive = (pid: number | undefined) => {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('Microphone with a real arecord', () => {
  it('hears the tone at 20 kHz, and leaves no child behind', async () => {
    const { made, pids } = microphone();
    const events = await listen(made, (all) => heard(all).length > 30_000);
    expect(states(events)).toEqual(['starting', 'online']);
    const samples = heard(events).slice(10_000, 30_000);
    const rising = samples.filter((x, i) => i > 0 && (samples[i - 1] ?? 0) < 0 && x >= 0).length;
    expect(rising).toBeGreaterThanOrEqual(998);
    expect(rising).toBeLessThanOrEqual(1002);
    expect(Math.max(...samples)).toBeGreaterThan(7900);
    expect(Math.max(...samples)).toBeLessThan(8100);
    expect(pids.map(isAlive)).toEqual([false]);
  });

  it('starts again when the recorder is killed', async () => {
    const { made, pids } = microphone();
    let killed = false;
    const events = await listen(made, (all) => {
      if (!killed && heard(all).length > 2000) {
        killed = true;
        if (pids[0] !== undefined) process.kill(pids[0], 'SIGKILL');
      }
      return states(all).filter((state) => state === 'online').length === 2;
    });
    expect(states(events)).toEqual(['starting', 'online', 'offline', 'starting', 'online']);
    expect(events).toContainEqual({ kind: 'gap' });
    expect(events).toContainEqual({
      kind: 'state',
      state: 'offline',
      reason: 'arecord ended (SIGKILL)',
    });
    expect(made.restarts).toBe(1);
  });

  it('notices a recorder that hangs', async () => {
    const { made } = microphone({ limits: { stall: 500 } });
    const events = await listen(made, (all) => {
      if (heard(all).length > 2000) feeder.kill('SIGSTOP');
      return states(all).includes('offline');
    });
    expect(events.at(-1)).toMatchObject({
      state: 'offline',
      reason: expect.stringMatching(/^no audio for 1 s/),
    });
  });

  it('notices audio that comes at another rate than it was asked for', async () => {
    const { made } = microphone({ captureRate: 8000, limits: { rateSpan: 1000 } });
    const events = await listen(made, (all) => states(all).includes('offline'));
    expect(events.at(-1)).toMatchObject({
      reason: expect.stringMatching(/^about \d+ samples a second where 8000 were asked for/),
    });
  });

  it('says which device is not there', async () => {
    const { made } = microphone({ device: 'nothing' });
    const events = await listen(made, (all) => states(all).includes('offline'));
    expect(events.at(-1)).toMatchObject({
      reason: expect.stringMatching(/^arecord: .*open error/),
    });
  });

  it('says that the recorder is not there', async () => {
    const { PATH } = process.env;
    process.env.PATH = '/nowhere';
    try {
      const { made } = microphone({ recorder: 'rec' });
      const events = await listen(made, (all) => states(all).includes('offline'));
      expect(events.at(-1)).toMatchObject({
        reason: expect.stringMatching(
          /^rec cannot be started \(.*is not there\); apt-get install sox$/,
        ),
      });
    } finally {
      process.env.PATH = PATH;
    }
  });
});
