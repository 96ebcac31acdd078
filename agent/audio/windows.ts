import { type AudioEvent, type Clip, SAMPLE_RATE } from './source.ts';

/** A stretch of continuous audio, as long as a network takes. */
export interface Window {
  readonly samples: Int16Array;
  /** When its first sample was recorded: ms since 1970. */
  readonly at: number;
  readonly clip?: Clip;
}

/** Cuts continuous audio into windows that begin a hop apart and never span a gap. */
export class Windower {
  readonly #length: number;
  readonly #hop: number;
  #held = new Int16Array(0);
  #at = 0;
  #skip = 0;
  #clip: Clip | undefined;

  /** Both in samples; a hop longer than the window skips what lies between. */
  constructor(length: number, hop: number) {
    this.#length = length;
    this.#hop = hop;
  }

  /** The windows that are complete with this event. */
  push(event: AudioEvent): readonly Window[] {
    if (event.kind === 'gap' || event.kind === 'clip-end') this.#clear();
    return event.kind === 'samples' ? this.#take(event) : [];
  }

  #clear(): void {
    this.#held = new Int16Array(0);
    this.#skip = 0;
  }

  #take(event: Extract<AudioEvent, { kind: 'samples' }>): readonly Window[] {
    if (event.clip?.file !== this.#clip?.file) this.#clear();
    this.#clip = event.clip;
    const skipped = Math.min(this.#skip, event.samples.length);
    this.#skip -= skipped;
    const samples = event.samples.subarray(skipped);
    if (this.#held.length === 0) this.#at = event.at + (skipped * 1000) / SAMPLE_RATE;
    const all = new Int16Array(this.#held.length + samples.length);
    all.set(this.#held);
    all.set(samples, this.#held.length);
    return this.#cut(all);
  }

  #cut(all: Int16Array): readonly Window[] {
    const windows: Window[] = [];
    let from = 0;
    for (; from + this.#length <= all.length; from += this.#hop) {
      const clip = this.#clip === undefined ? {} : { clip: this.#clip };
      const at = this.#at + (from * 1000) / SAMPLE_RATE;
      windows.push({ samples: all.slice(from, from + this.#length), at, ...clip });
    }
    this.#skip += Math.max(0, from - all.length);
    this.#held = all.slice(Math.min(from, all.length));
    this.#at += (from * 1000) / SAMPLE_RATE;
    return windows;
  }
}
