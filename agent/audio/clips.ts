import { basename, join } from 'node:path';
import { UserError } from '../base/errors.ts';
import { packageRoot } from '../base/root.ts';
import { clipsAt } from './clip-files.ts';
import { readRecording } from './decode/decode.ts';
import { resample, toInt16 } from './resample.ts';
import { type AudioEvent, type AudioSource, type Clip, SAMPLE_RATE } from './source.ts';
import { systemTimers, type Timers } from './timers.ts';

/** The clips that come with otolith. */
export const bundledClips: string = join(packageRoot, 'agent', 'audio', 'clips');

/** Samples handed on at a time: 100 ms. */
const PORTION = SAMPLE_RATE / 10;

export interface ClipsOptions {
  /** A file, a folder of files, or a folder per class. */
  readonly path: string;
  /** Start over after the last. */
  readonly loop: boolean;
  /** Shorter clips are padded with silence to this many samples. */
  readonly minSamples: number;
  /** ms since 1970, for time stamps. */
  readonly now: () => number;
  /** ms that never jump, for the pace. */
  readonly monotonic: () => number;
  readonly sleep?: Timers['sleep'];
}

/** Without the exact zeros at both ends (that is how the networks were trained), at least `minSamples` long. */
export function trimmed(samples: Int16Array, minSamples: number): Int16Array {
  const first = samples.findIndex((x) => x !== 0);
  const last = samples.findLastIndex((x) => x !== 0);
  const inner = first < 0 ? samples.subarray(0, 0) : samples.subarray(first, last + 1);
  if (inner.length >= minSamples) return inner;
  const padded = new Int16Array(minSamples);
  padded.set(inner, (minSamples - inner.length) >> 1);
  return padded;
}

/** A recording at our rate and trimmed, or why there is none. */
async function samplesOf(
  path: string,
  file: string,
  minSamples: number,
): Promise<Int16Array | string> {
  try {
    const { sampleRate, samples } = await readRecording(path, file);
    return trimmed(toInt16(resample(samples, sampleRate, SAMPLE_RATE)), minSamples);
  } catch (error) {
    if (error instanceof UserError) return error.line;
    throw error;
  }
}

/** @throws UserError `audio` where no clip is, or none that can be decoded. */
export async function checkClips(path: string): Promise<void> {
  let why = '';
  for (const { path: from, file } of await clipsAt(path)) {
    const samples = await samplesOf(from, file, 0);
    if (typeof samples !== 'string') return;
    why ||= samples;
  }
  throw new UserError('audio', `audio.clips is ${path}, where no clip can be decoded (${why})`, {
    hint: 'name a file or folder of recordings (WAV, FLAC, Ogg Vorbis, MP3)',
  });
}

/** Recorded clips, one after the other, at the pace at which they were recorded. */
export class Clips implements AudioSource {
  readonly restarts = 0;
  readonly #options: ClipsOptions;

  constructor(options: ClipsOptions) {
    this.#options = options;
  }

  get name(): string {
    const { path } = this.#options;
    return path === bundledClips ? 'the clips that come with otolith' : `clips ${basename(path)}`;
  }

  async *events(signal: AbortSignal): AsyncGenerator<AudioEvent, void> {
    const { path, loop } = this.#options;
    const clips = await clipsAt(path);
    yield { kind: 'state', state: 'online' };
    let played = 0;
    do {
      const before = played;
      for (const { path: from, ...clip } of clips) {
        if (signal.aborted) return;
        const samples = await samplesOf(from, clip.file, this.#options.minSamples);
        if (typeof samples === 'string') yield { kind: 'gap', reason: samples };
        else {
          played++;
          yield* this.#play(samples, clip, signal);
        }
      }
      if (played === before) break; // nothing here can be decoded
    } while (loop && !signal.aborted);
    if (signal.aborted) return;
    const reason = played === 0 ? 'none of the clips can be decoded' : 'the last clip has ended';
    yield { kind: 'state', state: 'offline', reason };
  }

  async *#play(samples: Int16Array, clip: Clip, signal: AbortSignal): AsyncGenerator<AudioEvent> {
    const { now, monotonic, sleep = systemTimers.sleep } = this.#options;
    const start = monotonic();
    for (let from = 0; from < samples.length; from += PORTION) {
      const portion = samples.subarray(from, from + PORTION);
      const playedMs = ((from + portion.length) * 1000) / SAMPLE_RATE;
      const wait = Math.max(0, start + playedMs - monotonic());
      await sleep(wait, signal);
      if (signal.aborted) return;
      const at = now() - (portion.length * 1000) / SAMPLE_RATE;
      yield { kind: 'samples', samples: portion, at, clip };
    }
    yield { kind: 'clip-end', clip };
  }
}
