import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CaptureEvent,
  type CaptureOptions,
  holdersOfCapture,
  type StartCapture,
  startCapture,
} from './capture.ts';
import { LevelMeter } from './level.ts';
import { BoundedQueue } from './queue.ts';
import { Resampler, toInt16 } from './resample.ts';
import { type AudioEvent, type AudioSource, type AudioState, SAMPLE_RATE } from './source.ts';

export interface MicrophoneOptions extends CaptureOptions {
  readonly silenceAfterMs: number;
  readonly silenceLevel: number;
  readonly now: () => number;
  readonly monotonic: () => number;
  readonly start?: StartCapture;
  readonly limits?: Partial<typeof LIMITS>;
}

/** Bounds of supervision, in ms where they are times. */
const LIMITS = {
  /** No byte for this long: the recorder hangs. */
  stall: 5000,
  /** Over this long the byte rate must be right within `rateTolerance`. */
  rateSpan: 10_000,
  rateTolerance: 0.2,
  firstPause: 500,
  longestPause: 30_000,
  /** A capture that lasted this long was good: the next pause is short again. */
  goodAfter: 30_000,
  /** Portions of the recorder (about 0.1 s each) that may wait for the consumer. */
  queued: 100,
};

type Item = CaptureEvent | { readonly kind: 'tick' };

/** A microphone through arecord or sox, started again with back-off whatever happens to it. */
export class Microphone implements AudioSource {
  readonly #options: MicrophoneOptions;
  readonly #limits: typeof LIMITS;
  #restarts = 0;
  #overruns = 0;
  #state: AudioState = 'offline';

  constructor(options: MicrophoneOptions) {
    this.#options = options;
    this.#limits = { ...LIMITS, ...options.limits };
  }

  get name(): string {
    const { recorder, device } = this.#options;
    return device === undefined ? `microphone (${recorder})` : `microphone ${device} (${recorder})`;
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** Times that samples were lost, in the recorder or because otolith was too slow. */
  get overruns(): number {
    return this.#overruns;
  }

  async *events(signal: AbortSignal): AsyncGenerator<AudioEvent, void> {
    const { firstPause, longestPause, goodAfter } = this.#limits;
    const { monotonic } = this.#options;
    let pause = firstPause;
    while (!signal.aborted) {
      const began = monotonic();
      yield* this.#become('starting');
      const reason = yield* this.#capture(signal);
      if (signal.aborted) return;
      yield { kind: 'gap', reason };
      yield* this.#become('offline', await withHolder(reason));
      pause = monotonic() - began > goodAfter ? firstPause : pause;
      await sleep(pause, undefined, { signal }).catch(() => undefined);
      pause = Math.min(2 * pause, longestPause);
      this.#restarts++;
    }
  }

  *#become(state: AudioState, reason?: string): Generator<AudioEvent> {
    if (state === this.#state && reason === undefined) return;
    this.#state = state;
    yield { kind: 'state', state, ...(reason === undefined ? {} : { reason }) };
  }

  /** One recorder from start to end; gives the reason of its end. */
  async *#capture(signal: AbortSignal): AsyncGenerator<AudioEvent, string> {
    const queue = new BoundedQueue<Item>(this.#limits.queued);
    const start = this.#options.start ?? startCapture;
    const capture = start(this.#options, (event) => queue.push(event));
    const ticker = setInterval(() => queue.push({ kind: 'tick' }), this.#limits.stall / 5);
    const onAbort = () => queue.end();
    signal.addEventListener('abort', onAbort);
    try {
      return yield* this.#listen(queue);
    } finally {
      clearInterval(ticker);
      signal.removeEventListener('abort', onAbort);
      await capture.stop();
    }
  }

  async *#listen(queue: BoundedQueue<Item>): AsyncGenerator<AudioEvent, string> {
    const { captureRate, silenceAfterMs, silenceLevel, monotonic } = this.#options;
    const meter = new LevelMeter({ sampleRate: SAMPLE_RATE, silenceAfterMs, silenceLevel });
    const decoder = new PcmDecoder(captureRate);
    const watch = new RateWatch(captureRate * 2, this.#limits, monotonic());
    let dropped = 0;
    for (;;) {
      const item = await queue.next();
      if (item === undefined) return 'stopped';
      if (item.kind === 'end') return item.reason;
      if (item.kind === 'tick') {
        const trouble = watch.check(monotonic());
        if (trouble !== undefined) return trouble;
        continue;
      }
      if (item.kind === 'overrun' || queue.dropped > dropped) {
        dropped = queue.dropped;
        this.#overruns++;
        yield { kind: 'gap', reason: 'samples were lost (overrun)' };
      }
      if (item.kind === 'overrun') continue;
      watch.count(item.bytes.length, monotonic());
      const samples = decoder.push(item.bytes);
      const state = meter.push(samples);
      if (this.#state === 'starting') yield* this.#become('online');
      else if (state !== undefined) yield* this.#become(state);
      const at = this.#options.now() - (samples.length * 1000) / SAMPLE_RATE;
      yield { kind: 'samples', samples, at };
    }
  }
}

/** Little-endian 16-bit PCM in any portions (a sample may be split) to 20 kHz. */
class PcmDecoder {
  readonly #resampler: Resampler;
  #odd: Buffer = Buffer.alloc(0);

  constructor(captureRate: number) {
    this.#resampler = new Resampler(captureRate, SAMPLE_RATE);
  }

  push(bytes: Buffer): Int16Array {
    const all = this.#odd.length === 0 ? bytes : Buffer.concat([this.#odd, bytes]);
    const count = all.length >> 1;
    const input = new Float32Array(count);
    for (let i = 0; i < count; i++) input[i] = all.readInt16LE(2 * i) / 32768;
    this.#odd = all.subarray(2 * count);
    return toInt16(this.#resampler.push(input));
  }
}

/** Notices a recorder that hangs, or delivers at another rate than it was asked for. */
class RateWatch {
  readonly #expected: number;
  readonly #limits: typeof LIMITS;
  #last: number;
  #since: number | undefined;
  #bytes = 0;

  constructor(bytesPerSecond: number, limits: typeof LIMITS, now: number) {
    this.#expected = bytesPerSecond;
    this.#limits = limits;
    this.#last = now;
  }

  count(bytes: number, now: number): void {
    this.#last = now;
    if (this.#since === undefined) this.#since = now;
    else this.#bytes += bytes;
  }

  check(now: number): string | undefined {
    const { stall, rateSpan, rateTolerance } = this.#limits;
    if (now - this.#last > stall) return `no audio for ${Math.round((now - this.#last) / 1000)} s`;
    if (this.#since === undefined || now - this.#since < rateSpan) return undefined;
    const rate = (this.#bytes * 1000) / (now - this.#since);
    this.#since = now;
    this.#bytes = 0;
    if (Math.abs(rate / this.#expected - 1) <= rateTolerance) return undefined;
    return `${Math.round(rate)} bytes/s where ${this.#expected} were asked for`;
  }
}

/** Names who holds a busy device. */
async function withHolder(reason: string): Promise<string> {
  if (!/busy/i.test(reason)) return reason;
  const holders = await holdersOfCapture();
  return holders.length === 0 ? reason : `${reason}; held by ${holders.join(', ')}`;
}
