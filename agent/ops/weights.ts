/** From TensorFlow's [taps][in][out] to a layer's [out][taps][in]. */
export function outputsFirst(
  weights: Float32Array | Float64Array,
  inputs: number,
  outputs: number,
): Float64Array {
  const per = weights.length / outputs;
  if (per % inputs !== 0) throw new Error('a kernel has another number of inputs');
  const out = new Float64Array(weights.length);
  for (let n = 0; n < outputs; n++) {
    for (let k = 0; k < per; k++) out[n * per + k] = weights[k * outputs + n] ?? 0;
  }
  return out;
}

/** Steps from zero to the largest int8 weight of a scale. */
export const WEIGHT_STEPS = 127;
/** What the largest weight of a row of zeros is taken for. */
const LEAST_WEIGHT = 1e-9;

export interface QuantizedRows {
  readonly quantized: Int8Array;
  /** Real value of one step, by row. */
  readonly scales: Float64Array;
}

/**
 * int8 weights, symmetric, one scale per row (output): w = q * scale.
 * @param least no scale is below this
 */
export function quantizeRows(
  weights: Float64Array,
  rows: number,
  least: (row: number) => number = () => LEAST_WEIGHT / WEIGHT_STEPS,
): QuantizedRows {
  const per = weights.length / rows;
  const scales = Float64Array.from({ length: rows }, (_, n) => {
    const row = weights.subarray(n * per, (n + 1) * per);
    return row.reduce((most, w) => Math.max(most, Math.abs(w) / WEIGHT_STEPS), least(n));
  });
  const quantized = Int8Array.from(weights, (w, i) =>
    Math.round(w / (scales[Math.floor(i / per)] ?? 1)),
  );
  return { quantized, scales };
}
