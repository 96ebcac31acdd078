import { describe, expect, it } from 'vitest';
import type { CaptureEvent, CaptureOptions } from './capture.ts';
import { Microphone, type MicrophoneOptions } from './microphone.ts';
import type { AudioEvent } from './source.ts';
import type { Timers } from './timers.ts';

// Recorders by script: what each run of one delivers, in order. Time passes as the script says, and no other.
const RATE = 20_000;
type Script = (recorder: Recorder) => unknown;

/** A clock that stands still until told; sleeping takes no time. */
class ScriptClock implements Timers {
  ms = 0;
  readonly #ticking = new Set<() => void>();

  sleep = async (): Promise<void> => {};

  every = (_: number, callback: () => void): (() => void) => {
    this.#ticking.add(callback);
    return () => this.#ticking.delete(callback);
  };

  /** What is called again and again is called now. */
  tick(): void {
    for (const callback of this.#ticking) callback();
  }
}

class Recorder {
  stopped = false;
  readonly options: CaptureOptions;
  readonly #emit: (event: CaptureEvent) => void;
  readonly #clock: ScriptClock;

  constructor(options: CaptureOptions, emit: (event: CaptureEvent) => void, clock: ScriptClock) {
    this.options = options;
    this.#emit = emit;
    this.#clock = clock;
  }

  /** Seconds of a wave, `rate` samples each; the listener takes each before the next. */
  async play(seconds: number, wave: (i: number) => number, rate = RATE): Promise<void> {
    for (let s = 0; s < seconds && !this.stopped; s++) {
      this.#clock.ms += 1000;
      const bytes = Buffer.alloc(2 * rate);
      for (let i = 0; i < rate; i++) bytes.writeInt16LE(Math.round(wave(i)), 2 * i);
      this.#emit({ kind: 'bytes', bytes });
      await new Promise(setImmediate);
      this.#clock.tick();
      await new Promise(setImmediate);
    }
  }

  /** Delivers nothing for so long. */
  hang(seconds: number): void {
    this.#clock.ms += 1000 * seconds;
    this.#clock.tick();
  }

  emit(event: CaptureEvent): void {
    this.#emit(event);
  }

  end(reason: string): void {
    this.#emit({ kind: 'end', reason });
  }
}

const tone = (i: number) => 8000 * Math.sin(i / 5);
const loud = (i: number) => Math.max(-32768, Math.min(32767, 60_000 * Math.sin(i / 5)));

/** Lets a microphone run through the scripts, one a start; the last one ends the run. */
async function run(scripts: readonly Script[], changes: Partial<MicrophoneOptions> = {}) {
  const clock = new ScriptClock();
  const stop = new AbortController();
  const asked: CaptureOptions[] = [];
  const microphone = new Microphone({
    recorder: 'arecord',
    device: undefined,
    captureRate: RATE,
    silenceAfterMs: 60_000,
    silenceLevel: -90,
    now: () => clock.ms,
    monotonic: () => clock.ms,
    timers: clock,
    devices: async () => [],
    start: (options, emit) => {
      const script = scripts[asked.push(options) - 1];
      const recorder = new Recorder(options, emit, clock);
      // Not before the listener listens, as with a real child.
      setImmediate(() => (script === undefined ? stop.abort() : script(recorder)));
      const stopRecorder = async () => {
        recorder.stopped = true;
      };
      return { pid: undefined, stop: stopRecorder };
    },
    ...changes,
    limits: { queued: 1e6, ...changes.limits },
  });
  const events: AudioEvent[] = [];
  for await (const event of microphone.events(stop.signal)) events.push(event);
  const reported = events.flatMap((event) =>
    event.kind === 'state' ? [[event.state, event.reason] as const] : [],
  );
  const gaps = events.flatMap((event) => (event.kind === 'gap' ? [event.reason] : []));
  const samples = events.reduce((n, e) => n + (e.kind === 'samples' ? e.samples.length : 0), 0);
  return { reported, gaps, samples, asked, microphone };
}

describe('Microphone', () => {
  it('takes another rate from the recorder’s word, and asks for it', async () => {
    const { reported, asked } = await run([
      (recorder) => recorder.emit({ kind: 'rate', rate: 44_100 }),
      async (recorder) => {
        await recorder.play(1, tone, 44_100);
        recorder.end('unplugged');
      },
    ]);
    expect(asked.map(({ captureRate }) => captureRate)).toEqual([RATE, 44_100, 44_100]);
    expect(reported[1]).toEqual([
      'offline',
      `the device gives 44100 Hz; asking for 44100 Hz instead of ${RATE}: set audio.captureRate to it`,
    ]);
    expect(reported[2]).toEqual(['online', undefined]);
  });

  it.each([
    [44_100, 48_000],
    [48_000, 44_100],
    [16_000, 48_000],
  ])(
    'measures %i Hz where %i were asked for, without a word of the recorder',
    async (real, asked) => {
      const ran = await run([(recorder) => recorder.play(12, tone, real)], { captureRate: asked });
      expect(ran.asked.map(({ captureRate }) => captureRate)).toEqual([asked, real]);
      expect(ran.reported.at(-2)?.[1]).toMatch(
        new RegExp(
          `^about ${real} samples a second where ${asked} were asked for; asking for ${real}`,
        ),
      );
    },
  );

  it('does not take lost samples for another rate', async () => {
    const { asked, reported } = await run([
      async (recorder) => {
        recorder.emit({ kind: 'overrun', times: 3 });
        await recorder.play(12, tone, 16_000);
      },
    ]);
    expect(asked.map(({ captureRate }) => captureRate)).toEqual([RATE, RATE]);
    expect(reported.at(-2)).toEqual([
      'offline',
      'about 16000 samples a second where 20000 were asked for, 3 overruns',
    ]);
  });

  it.each([
    ['zeros', () => 0, 'flat', 11],
    ['a constant offset', () => 1234, 'flat', 11],
    ['noise of a last bit on an offset', (i: number) => 1000 + (i % 2), 'silent', 61],
  ] as const)(
    'starts the recorder again on %s, and says so once',
    async (_, wave, state, seconds) => {
      const { reported, microphone } = await run([
        (recorder) => recorder.play(seconds, wave),
        (recorder) => recorder.play(seconds, wave),
        async (recorder) => {
          await recorder.play(2, tone);
          recorder.end('done');
        },
      ]);
      expect(reported.map(([which]) => which)).toEqual([
        'starting',
        'online',
        state,
        'online',
        'offline',
        'starting',
      ]);
      expect(microphone.restarts).toBe(3);
    },
  );

  it('tells clipping, and that it is over', async () => {
    const { reported } = await run([
      async (recorder) => {
        await recorder.play(5, loud);
        await recorder.play(20, tone);
        recorder.end('done');
      },
    ]);
    expect(
      reported.map(([state, reason]) => `${state} ${reason ?? ''}`.slice(0, 16).trim()),
    ).toEqual(['starting', 'online', 'online clipping:', 'online', 'offline done', 'starting']);
  });

  it('hears through a flood of overruns, and says it in few words', async () => {
    const { gaps, samples, reported } = await run([
      async (recorder) => {
        for (let second = 0; second < 45; second++) {
          for (let i = 0; i < 1000; i++) recorder.emit({ kind: 'overrun', times: 1 });
          await recorder.play(1, tone);
        }
        recorder.end('done');
      },
    ]);
    expect(samples).toBeGreaterThan(44 * RATE);
    expect(gaps.length).toBeLessThan(5);
    expect(reported.map(([state]) => state)).toEqual(['starting', 'online', 'offline', 'starting']);
    expect(reported[1]?.[1]).toMatch(/^samples are lost again and again/);
  });

  it('starts a recorder again that hangs, and does not wait for it longer than it may', async () => {
    const { reported, microphone } = await run([
      async (recorder) => {
        await recorder.play(1, tone);
        recorder.hang(4);
        await recorder.play(1, tone);
        recorder.hang(6);
      },
    ]);
    expect(reported.map(([state]) => state)).toEqual(['starting', 'online', 'offline', 'starting']);
    expect(reported[2]?.[1]).toBe('no audio for 6 s');
    expect(microphone.restarts).toBe(1);
  });

  it('cuts windows at a single overrun', async () => {
    const { gaps } = await run([
      async (recorder) => {
        await recorder.play(1, tone);
        recorder.emit({ kind: 'overrun', times: 1 });
        await recorder.play(1, tone);
        recorder.end('done');
      },
    ]);
    expect(gaps).toEqual(['samples were lost (overrun)', undefined]);
  });

  const usb = { device: 'plughw:CARD=USB,DEV=0', name: 'USB Audio' };

  it('goes over to another card where the default device fails, and says which', async () => {
    const { reported, asked, microphone } = await run(
      [
        (recorder) => recorder.end('arecord: audio open error: No such file or directory'),
        async (recorder) => {
          await recorder.play(1, tone);
          recorder.end('done');
        },
      ],
      { devices: async () => [usb] },
    );
    expect(asked.slice(0, 2).map(({ device }) => device)).toEqual([undefined, usb.device]);
    expect(reported[1]?.[1]).toMatch(/open error.*; trying plughw:CARD=USB,DEV=0 next$/);
    expect(reported[2]?.[1]).toMatch(
      /so plughw:CARD=USB,DEV=0 \(USB Audio\) is used: set audio.device/,
    );
    expect(microphone.name).toContain(usb.device);
  });

  it('takes no other device than the configured one, but says which there are', async () => {
    const fails: Script = (recorder) => recorder.end('arecord: audio open error: No such device');
    const { reported, asked } = await run([fails, fails, fails], {
      device: 'hw:7',
      devices: async () => [usb],
    });
    expect(asked.every(({ device }) => device === 'hw:7')).toBe(true);
    expect(reported).toEqual([
      ['starting', undefined],
      [
        'offline',
        'arecord: audio open error: No such device; set audio.device to one that is here: plughw:CARD=USB,DEV=0 (USB Audio)',
      ],
    ]);
  });

  it('says once that there is no device at all, however often it tries', async () => {
    const fails: Script = (recorder) => recorder.end('arecord: audio open error: No such device');
    const { reported } = await run([fails, fails, fails]);
    expect(reported).toHaveLength(2);
    expect(reported[1]?.[1]).toMatch(/no capture device is here: plug a microphone in$/);
  });
});
