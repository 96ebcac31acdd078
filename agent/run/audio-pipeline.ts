import { bundledClips, Clips } from '../audio/clips.ts';
import { Microphone } from '../audio/microphone.ts';
import { type AudioEvent, type AudioSource, SAMPLE_RATE } from '../audio/source.ts';
import { type Window, Windower } from '../audio/windows.ts';
import type { Config } from '../config/schema.ts';
import { persist } from './persist.ts';

export interface PipelineOptions {
  readonly audio: Config['audio'];
  readonly windowSamples: number;
  readonly now: () => number;
  readonly monotonic: () => number;
  readonly onWindow: (window: Window) => Promise<void>;
  readonly onEvent: (event: Exclude<AudioEvent, { kind: 'samples' }>, source: string) => void;
}

function makeSource({ audio, windowSamples, now, monotonic }: PipelineOptions): AudioSource {
  if (audio.source === 'clips') {
    const path = audio.clips ?? bundledClips;
    return new Clips({ path, loop: audio.loop, minSamples: windowSamples, now, monotonic });
  }
  return new Microphone({
    recorder: audio.recorder,
    device: audio.device,
    captureRate: audio.captureRate,
    silenceAfterMs: audio.silenceAfter,
    silenceLevel: audio.silenceLevel,
    now,
    monotonic,
  });
}

/** Listens to the configured source and hands on windows, until the source ends or the signal aborts. */
export class AudioPipeline {
  #options: PipelineOptions;
  #source: AudioSource;
  #change = new AbortController();
  #restarts = 0;
  #heard = 0;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#source = makeSource(options);
  }

  /** Events of the source so far, also those that say that it is away. */
  get heard(): number {
    return this.#heard;
  }

  get restarts(): number {
    return this.#restarts + this.#source.restarts;
  }

  /** Goes over to another source, hop or device. */
  reload(audio: Config['audio']): void {
    this.#options = { ...this.#options, audio };
    this.#restarts += this.#source.restarts;
    this.#source = makeSource(this.#options);
    this.#change.abort();
  }

  async listen(signal: AbortSignal): Promise<void> {
    do {
      this.#change = new AbortController();
      await this.#persist(AbortSignal.any([signal, this.#change.signal]));
    } while (this.#change.signal.aborted && !signal.aborted);
  }

  /** Whatever the source fails with, it is offline for a while and then begins anew. */
  #persist(signal: AbortSignal): Promise<void> {
    const source = this.#source;
    const { onEvent, monotonic } = this.#options;
    const onFailure = (reason: string): void => {
      onEvent({ kind: 'gap' }, source.name);
      onEvent({ kind: 'state', state: 'offline', reason }, source.name);
    };
    const work = () => this.#listenTo(source, signal);
    return persist(work, { signal, onFailure, monotonic });
  }

  async #listenTo(source: AudioSource, signal: AbortSignal): Promise<void> {
    const { audio, windowSamples, onWindow, onEvent } = this.#options;
    const windower = new Windower(windowSamples, Math.round((audio.hop * SAMPLE_RATE) / 1000));
    for await (const event of source.events(signal)) {
      this.#heard++;
      for (const window of windower.push(event)) await onWindow(window);
      if (event.kind !== 'samples') onEvent(event, source.name);
    }
  }
}
