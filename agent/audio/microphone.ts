import { type CaptureOptions, type StartCapture, startCapture } from './capture.ts';
import { CaptureQueue } from './capture-queue.ts';
import { ClippingWatch } from './clipping.ts';
import { DeviceChoice, type ListDevices } from './device-choice.ts';
import { listCaptureDevices } from './devices.ts';
import { holdersOfCapture } from './holders.ts';
import { LevelMeter } from './level.ts';
import { Overruns } from './overruns.ts';
import { PcmDecoder } from './pcm.ts';
import { RateWatch } from './rate-watch.ts';
import { type AudioEvent, type AudioSource, type AudioState, SAMPLE_RATE } from './source.ts';
import { systemTimers, type Timers } from './timers.ts';

export interface MicrophoneOptions extends CaptureOptions {
  readonly silenceAfterMs: number;
  readonly silenceLevel: number;
  readonly now: () => number;
  readonly monotonic: () => number;
  readonly start?: StartCapture;
  readonly devices?: ListDevices;
  readonly timers?: Timers;
  readonly limits?: Partial<typeof LIMITS>;
}

/** Bounds of supervision, in ms where they are times. */
const LIMITS = {
  /** No byte for this long: the recorder hangs. */
  stall: 5000,
  /** Over this long the byte rate must be right within `rateTolerance`: 44.1 kHz for 48 is 8 % off. */
  rateSpan: 10_000,
  rateTolerance: 0.05,
  firstPause: 500,
  longestPause: 30_000,
  /** A capture that lasted this long was good: the next pause is short again. */
  goodAfter: 30_000,
  /** Portions of the recorder (about 0.1 s each) that may wait for the consumer. */
  queued: 100,
};

const FAILURES_REMEMBERED = 20;

/** Why a capture ended. `quiet`: bytes came, but no sound, and the state has said so already. */
interface End {
  readonly reason: string;
  readonly kind: 'failed' | 'quiet' | 'rate' | 'stopped';
}

/** A microphone through arecord or sox, started again with back-off whatever happens to it. */
export class Microphone implements AudioSource {
  readonly #options: MicrophoneOptions;
  readonly #limits: typeof LIMITS;
  readonly #timers: Timers;
  readonly #choice: DeviceChoice;
  readonly #overruns: Overruns;
  #rate: number;
  #restarts = 0;
  #state: { readonly state: AudioState; readonly reason: string | undefined } = {
    state: 'offline',
    reason: undefined,
  };
  /** The capture that runs, or the last one, has delivered audio. */
  #delivered = true;
  /** Reasons reported since audio came last: attempts that fail alike are reported once. */
  readonly #failures = new Set<string>();

  constructor(options: MicrophoneOptions) {
    this.#options = options;
    this.#limits = { ...LIMITS, ...options.limits };
    this.#timers = options.timers ?? systemTimers;
    this.#rate = options.captureRate;
    this.#choice = new DeviceChoice(options, options.devices ?? listCaptureDevices);
    this.#overruns = new Overruns(options.monotonic);
  }

  get name(): string {
    const { recorder } = this.#options;
    const device = this.#choice.device;
    return device === undefined ? `microphone (${recorder})` : `microphone ${device} (${recorder})`;
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** Times that samples were lost, in the recorder or because otolith was too slow. */
  get overruns(): number {
    return this.#overruns.total;
  }

  async *events(signal: AbortSignal): AsyncGenerator<AudioEvent, void> {
    const { firstPause, longestPause, goodAfter } = this.#limits;
    const { monotonic } = this.#options;
    let pause = firstPause;
    while (!signal.aborted) {
      const began = monotonic();
      if (this.#delivered && !this.#isQuiet) yield* this.#become('starting');
      this.#delivered = false;
      const end = yield* this.#capture(signal);
      if (signal.aborted) return;
      yield { kind: 'gap' };
      if (end.kind !== 'quiet') yield* this.#fail(await this.#explain(end));
      pause = monotonic() - began > goodAfter || end.kind === 'rate' ? firstPause : pause;
      await this.#timers.sleep(pause, signal);
      pause = Math.min(2 * pause, longestPause);
      this.#restarts++;
    }
  }

  get #isQuiet(): boolean {
    return this.#state.state === 'silent' || this.#state.state === 'flat';
  }

  *#become(state: AudioState, reason?: string): Generator<AudioEvent> {
    if (state === this.#state.state && reason === this.#state.reason) return;
    this.#state = { state, reason };
    yield { kind: 'state', state, ...(reason === undefined ? {} : { reason }) };
  }

  *#fail(reason: string): Generator<AudioEvent> {
    if (this.#delivered) this.#failures.clear();
    if (this.#failures.has(reason)) return;
    if (this.#failures.size < FAILURES_REMEMBERED) this.#failures.add(reason);
    yield* this.#become('offline', reason);
  }

  /** The reason for people: who holds a busy device, or which devices there are instead. */
  async #explain({ reason, kind }: End): Promise<string> {
    if (kind === 'rate') return reason;
    const holders = /busy/i.test(reason) ? await holdersOfCapture() : [];
    const held = holders.length === 0 ? reason : `${reason}, held by ${holders.join(', ')}`;
    return this.#delivered ? held : this.#choice.failed(held);
  }

  /** One recorder from start to end. */
  async *#capture(signal: AbortSignal): AsyncGenerator<AudioEvent, End> {
    const queue = new CaptureQueue(this.#limits.queued);
    const start = this.#options.start ?? startCapture;
    const { recorder } = this.#options;
    const device = this.#choice.device;
    const capture = start({ recorder, device, captureRate: this.#rate }, (e) => queue.push(e));
    const stopTicking = this.#timers.every(this.#limits.stall / 5, () => queue.tick());
    const onAbort = () => queue.end();
    signal.addEventListener('abort', onAbort);
    try {
      return yield* this.#listen(queue);
    } finally {
      stopTicking();
      signal.removeEventListener('abort', onAbort);
      await capture.stop();
    }
  }

  async *#listen(queue: CaptureQueue): AsyncGenerator<AudioEvent, End> {
    const { silenceAfterMs, silenceLevel, monotonic } = this.#options;
    const meter = new LevelMeter({ sampleRate: SAMPLE_RATE, silenceAfterMs, silenceLevel });
    const decoder = new PcmDecoder(this.#rate);
    const clipping = new ClippingWatch(this.#rate);
    const watch = new RateWatch(this.#rate, this.#limits, monotonic());
    for (;;) {
      const item = await queue.next();
      if (item === undefined) return { kind: 'stopped', reason: 'stopped' };
      if (item.kind === 'end') return { kind: 'failed', reason: item.reason };
      if (item.kind === 'rate') return this.#adopt(item.rate, `the device gives ${item.rate} Hz`);
      if (item.kind === 'tick') {
        const trouble = watch.check(monotonic());
        if (trouble === undefined) continue;
        const rate = trouble.kind === 'rate' ? trouble.rate : undefined;
        if (rate !== undefined) return this.#adopt(rate, trouble.reason);
        return { kind: 'failed', reason: trouble.reason };
      }
      if (item.lost > 0) {
        watch.overrun(item.lost);
        yield* this.#overruns.gap(item.lost);
      }
      const { raw, samples } = decoder.push(item.bytes);
      watch.count(raw.length, monotonic());
      clipping.push(raw);
      this.#delivered = true;
      const level = meter.push(samples);
      if (level === 'silent' || level === 'flat') {
        yield* this.#become(level, QUIET[level]);
        return { kind: 'quiet', reason: QUIET[level] };
      }
      // A restarted recorder is believed once there is sound again.
      if (!this.#isQuiet || level === 'sound') yield* this.#become('online', this.#notes(clipping));
      const at = this.#options.now() - (samples.length * 1000) / SAMPLE_RATE;
      yield { kind: 'samples', samples, at };
    }
  }

  /** Asks for the rate that the device really has from now on. */
  #adopt(rate: number, why: string): End {
    const asked = this.#rate;
    this.#rate = rate;
    const hint = `asking for ${rate} Hz instead of ${asked}: set audio.captureRate to it`;
    return { kind: 'rate', reason: `${why}; ${hint}` };
  }

  /** What is wrong with audio that comes all the same. */
  #notes(clipping: ClippingWatch): string | undefined {
    const notes = [this.#choice.note, clipping.warning, this.#overruns.warning];
    const said = notes.filter((note) => note !== undefined);
    return said.length === 0 ? undefined : said.join('; ');
  }
}

const QUIET = {
  silent: 'nothing but silence comes; the recorder is started again (muted, or gain at zero?)',
  flat: 'one and the same value comes; the recorder is started again (unplugged, or broken?)',
} as const;
