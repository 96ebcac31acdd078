import { MAP_STEPS } from '../../ops/output-stage/requantize.ts';
import type { Calibration } from './calibrations.ts';
import type { Observed } from './observe.ts';

/** Share of values kept in range by `percentile`. */
const PERCENTILE = 0.9999;
/** Ranges that `mse` tries, as shares of the largest value. */
const TRIES = 40;

/** Top of the range of a map that a ReLU keeps at or above 0. */
export function rangeOf(observed: Observed, calibration: Calibration): number {
  const max = Math.max(observed.max, 1e-6);
  switch (calibration) {
    case 'minmax':
      return max;
    case 'percentile': {
      const sorted = observed.sample.slice().sort();
      return Math.max(sorted[Math.floor(PERCENTILE * (sorted.length - 1))] ?? max, max / 100);
    }
    case 'mse':
      return leastSquares(observed.sample, max);
  }
}

/** The range whose rounding and clipping errors, squared and summed, are least. */
function leastSquares(sample: Float32Array, max: number): number {
  let best = max;
  let least = Number.POSITIVE_INFINITY;
  for (let i = TRIES; i > TRIES / 4; i--) {
    const range = (max * i) / TRIES;
    const step = range / MAP_STEPS;
    let error = 0;
    for (const v of sample) {
      const q = Math.min(MAP_STEPS, Math.max(0, Math.round(v / step))) * step;
      error += (v - q) ** 2;
    }
    if (error < least) {
      least = error;
      best = range;
    }
  }
  return best;
}
