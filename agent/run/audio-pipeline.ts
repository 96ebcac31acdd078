import { bundledClips, Clips } from '../audio/clips.ts';
import { Microphone } from '../audio/microphone.ts';
import { type AudioEvent, type AudioSource, SAMPLE_RATE } from '../audio/source.ts';
import { type Window, Windower } from '../audio/windows.ts';
import type { Config } from '../config/schema.ts';

/** What comes out of the pipeline, in order: windows, and what happens between them. */
export type PipelineEvent =
  | { readonly kind: 'window'; readonly window: Window }
  | Exclude<AudioEvent, { kind: 'samples' }>;

/** What is listened to, and in windows of how many samples at 20 kHz. */
export interface PipelineSettings {
  readonly audio: Config['audio'];
  readonly windowSamples: number;
}

export interface Clocks {
  /** ms since 1970. */
  readonly now: () => number;
  /** ms that never jump. */
  readonly monotonic: () => number;
}

export type OpenSource = (settings: PipelineSettings, clocks: Clocks) => AudioSource;

/** The configured source: a microphone, or recorded clips. */
export const openSource: OpenSource = ({ audio, windowSamples }, clocks) => {
  if (audio.source === 'clips') {
    const path = audio.clips ?? bundledClips;
    return new Clips({ path, loop: audio.loop, minSamples: windowSamples, ...clocks });
  }
  return new Microphone({
    recorder: audio.recorder,
    device: audio.device,
    captureRate: audio.captureRate,
    silenceAfterMs: audio.silenceAfter,
    silenceLevel: audio.silenceLevel,
    ...clocks,
  });
};

/** From microphone or clips to windows: opens the source, cuts what it delivers, and switches to another on request. */
export class AudioPipeline {
  readonly #clocks: Clocks;
  readonly #open: OpenSource;
  #settings: PipelineSettings;
  #source: AudioSource;
  #change = new AbortController();
  #restarts = 0;
  #events = 0;

  constructor(settings: PipelineSettings, clocks: Clocks, open: OpenSource = openSource) {
    this.#settings = settings;
    this.#clocks = clocks;
    this.#open = open;
    this.#source = open(settings, clocks);
  }

  /** What it listens to, for people. */
  get sourceName(): string {
    return this.#source.name;
  }

  /** Events of the source so far, also those that say that it is away. */
  get eventCount(): number {
    return this.#events;
  }

  /** Times that capture was started again. */
  get restarts(): number {
    return this.#restarts + this.#source.restarts;
  }

  /** Switches to another source, hop, device or length of windows; does nothing where all are the same. */
  reload(settings: PipelineSettings): void {
    if (JSON.stringify(settings) === JSON.stringify(this.#settings)) return;
    this.#settings = settings;
    this.#restarts += this.#source.restarts;
    this.#source = this.#open(settings, this.#clocks);
    this.#change.abort();
  }

  /** Until the source ends or the signal aborts; fails as the source does, and may then be asked again. */
  async *events(signal: AbortSignal): AsyncGenerator<PipelineEvent, void> {
    do {
      this.#change = new AbortController();
      yield* this.#eventsOf(this.#source, AbortSignal.any([signal, this.#change.signal]));
    } while (this.#change.signal.aborted && !signal.aborted);
  }

  async *#eventsOf(source: AudioSource, signal: AbortSignal): AsyncGenerator<PipelineEvent, void> {
    const { audio, windowSamples } = this.#settings;
    const windower = new Windower(windowSamples, Math.round((audio.hop * SAMPLE_RATE) / 1000));
    for await (const event of source.events(signal)) {
      this.#events++;
      for (const window of windower.push(event)) {
        if (signal.aborted) return;
        yield { kind: 'window', window };
      }
      if (event.kind !== 'samples') yield event;
    }
  }
}
