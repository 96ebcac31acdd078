/** Numbers of a log-mel spectrogram (firmware/SPEC.md, "logMel"). */
export interface MelTables {
  /** Samples of one frame, a power of two. */
  readonly frame: number;
  readonly hop: number;
  readonly bands: number;
  /** Q14 window, [frame]. */
  readonly window: Int16Array;
  /** Q15 cosine and negated sine of 2 pi j / frame, [frame / 4 + 1][2]. */
  readonly twiddle: Int16Array;
  /** In bins from edge[b] to before edge[b + 1] the filter of band b rises, that of band b - 1 falls. [bands + 2] */
  readonly edge: Int16Array;
  /** Per bin, Q15 share of the rising band. [frame / 2 + 1] */
  readonly weight: Int16Array;
}

export interface MelOptions {
  readonly sampleRate: number;
  readonly frame: number;
  readonly hop: number;
  readonly bands: number;
  /** Hz; 0 and half the sample rate if absent. */
  readonly low?: number;
  readonly high?: number;
}

/** One in Q15. */
export const ONE = 32768;
const q15 = (v: number): number => Math.max(-ONE, Math.min(ONE - 1, Math.round(v * ONE)));

/** HTK's mel scale. */
const toMel = (hz: number): number => 2595 * Math.log10(1 + hz / 700);

/** Tables of a Hann window and triangular filters that are equally wide on the mel scale and add up to one. */
export function melTables(options: MelOptions): MelTables {
  const { sampleRate, frame, hop, bands, low = 0, high = sampleRate / 2 } = options;
  const window = Int16Array.from({ length: frame }, (_, i) =>
    Math.round(8192 - 8192 * Math.cos((2 * Math.PI * i) / frame)),
  );
  const twiddle = new Int16Array(frame / 2 + 2);
  for (let j = 0; j <= frame / 4; j++) {
    twiddle[2 * j] = q15(Math.cos((2 * Math.PI * j) / frame));
    twiddle[2 * j + 1] = q15(-Math.sin((2 * Math.PI * j) / frame));
  }
  const bins = frame / 2 + 1;
  const edge = new Int16Array(bands + 2).fill(bins, 1);
  const weight = new Int16Array(bins);
  const step = (toMel(high) - toMel(low)) / (bands + 1);
  for (let k = 0; k < bins; k++) {
    const position = (toMel((k * sampleRate) / frame) - toMel(low)) / step;
    // Outside the filters a bin rises to band 0 from nothing, or falls from the last band to nothing, with weight 0.
    const at = Math.max(0, Math.min(bands, Math.floor(position)));
    const share = position < 0 ? 0 : Math.min(1, position - at);
    for (let b = at; b > 0 && (edge[b] as number) > k; b--) edge[b] = k;
    weight[k] = q15(share);
  }
  return { frame, hop, bands, window, twiddle, edge, weight };
}

/** From log2 in steps of 1/256 to the int8 map of a logMel layer: its zero point stands for `offset + 0`. */
export interface MelRange {
  readonly offset: number;
  /** int8 steps per 1/256 octave, times 2^16. */
  readonly multiplier: number;
  readonly zeroPoint: number;
  /** Real value of one int8 step. */
  readonly scale: number;
}

/**
 * The range of networks that are trained here: 32 octaves of energy in steps of 1/8 (0.4 dB), from noise of five steps
 * of an int16 sample to full scale. It is fixed before the training, so that what is learnt from is what the board
 * computes, to the bit, and 0, which padding gives, is the middle.
 */
export const MEL_RANGE: MelRange = { offset: 9216, multiplier: 2048, zeroPoint: 0, scale: 1 / 32 };
