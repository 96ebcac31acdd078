/**
 * A fingerprint says whether two clips are the same recording: eight numbers made from where its energy lies in time and
 * how rough its waveform is. Renaming, another container, rounding to other bits and silence around it leave them as
 * they are within `TOLERANCE`; a hash of the samples would change with the last bit of one of them. What is not the
 * same for it: a cut, another loudness, lossy compression.
 */

/** Numbers of 16 bits in one fingerprint. */
export const FINGERPRINT_NUMBERS = 8;

/** The first of them are times, the others logarithms. */
const TIMES = 4;
/** Steps of a logarithm per e-fold: 0.026 % each; 16.8 e-folds fit. */
const STEPS = 3900;
/** Squared third difference that every sample is given besides its own, so that what rounding makes does not count. */
const ROUGHNESS_FLOOR = 2000;
/**
 * What rounding to 16 bits and another rate on the way can make: 0.05 % of the span (for one time 0.15 %) and a sample
 * besides, and 0.1 % of what a logarithm is of.
 */
const TOLERANCE = { time: 33, outlier: 99, logarithm: 4 } as const;

/** Which number is the span, and how far it may be off. */
export const SPAN = { index: TIMES, tolerance: TOLERANCE.logarithm } as const;

/** Fingerprint of a clip's samples at the network's rate. */
export function fingerprintOf(samples: Int16Array): Uint16Array {
  const { energy, rough, slope } = series(samples);
  const total = Math.max(1, energy[samples.length] ?? 0);
  const [first = 0, last = 0] = passings(energy, 0, samples.length, [1 / 7, 6 / 7]);
  const span = Math.max(1, last - first);
  const [from, to] = [Math.round(first), Math.round(last)];
  const times = passings(rough, from, to, [1 / 5, 2 / 5, 3 / 5, 4 / 5]);
  const roughness = (rough[samples.length] ?? 0) - samples.length * ROUGHNESS_FLOOR;
  return Uint16Array.of(
    ...times.map((t) => Math.min(65535, Math.max(0, Math.round((65535 * (t - first)) / span)))),
    logarithm(span),
    logarithm((1e6 * slope) / total),
    logarithm(total / span),
    logarithm(ROUGHNESS_FLOOR + roughness / span),
  );
}

/** Whether two fingerprints are of the same recording. */
export function isSameClip(a: Uint16Array, b: Uint16Array): boolean {
  // Samples of 20 kHz or so; of a short sound one is much.
  const sample = 65535 / Math.exp((a[SPAN.index] ?? 0) / STEPS);
  let apart = 0;
  for (let i = 0; i < FINGERPRINT_NUMBERS; i++) {
    const distance = Math.abs((a[i] ?? 0) - (b[i] ?? 0));
    if (i >= TIMES && distance > TOLERANCE.logarithm) return false;
    if (i < TIMES && distance > TOLERANCE.time + sample) apart++;
    if (apart > 1 || distance > TOLERANCE.outlier + sample) return false;
  }
  return true;
}

function logarithm(value: number): number {
  return Math.min(65535, Math.round(STEPS * Math.log(Math.max(1, value))));
}

interface Series {
  /** Of the samples before each, and at the end of all. */
  readonly energy: Float64Array;
  /** The same of squared third differences, which are what noise is made of and tones beneath it are not. */
  readonly rough: Float64Array;
  /** Energy of the first difference, silence before and after. */
  readonly slope: number;
}

function series(samples: Int16Array): Series {
  const energy = new Float64Array(samples.length + 1);
  const rough = new Float64Array(samples.length + 1);
  let [slope, a, b, c] = [0, 0, 0, 0];
  for (let i = 0; i < samples.length; i++) {
    const x = samples[i] as number;
    const third = x - 3 * a + 3 * b - c;
    energy[i + 1] = (energy[i] as number) + x * x;
    rough[i + 1] = (rough[i] as number) + third * third + ROUGHNESS_FLOOR;
    slope += (x - a) * (x - a);
    c = b;
    b = a;
    a = x;
  }
  return { energy, rough, slope: slope + a * a };
}

/** When these shares of what comes between two samples have passed, of a running sum; in samples, with fractions. */
function passings(
  sums: Float64Array,
  from: number,
  to: number,
  shares: readonly number[],
): readonly number[] {
  const before = sums[from] ?? 0;
  const total = (sums[to] ?? 0) - before;
  let at = from;
  return shares.map((share) => {
    const due = before + share * total;
    while (at < to - 1 && (sums[at + 1] as number) < due) at++;
    const [passed = 0, then = 0] = [sums[at], sums[at + 1]];
    return at + (then > passed ? (due - passed) / (then - passed) : 0);
  });
}
