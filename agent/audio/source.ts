/** Rate of all audio inside otolith, in Hz. */
export const SAMPLE_RATE = 20_000;

/** The recording that plays, where audio comes from clips. */
export interface Clip {
  readonly file: string;
  /** What it is, where that is known. */
  readonly label?: string;
}

/** The state of a source. `flat`: bytes come, but all are alike, as from a dead converter. */
export type AudioState = 'starting' | 'online' | 'silent' | 'flat' | 'offline';

/** What a source has to say, in order. */
export type AudioEvent =
  | {
      readonly kind: 'samples';
      readonly samples: Int16Array;
      /** When the first sample was recorded: ms since 1970. */
      readonly at: number;
      readonly clip?: Clip;
    }
  /** What follows does not continue what was: no window may span it. `reason` where it is worth a line. */
  | { readonly kind: 'gap'; readonly reason?: string }
  | { readonly kind: 'clip-end'; readonly clip: Clip }
  | { readonly kind: 'state'; readonly state: AudioState; readonly reason?: string };

/** Where audio comes from. Ends when it has no more, or when the signal aborts. */
export interface AudioSource {
  readonly name: string;
  /** Times that capture was started again. */
  readonly restarts: number;
  events(signal: AbortSignal): AsyncGenerator<AudioEvent, void>;
}
