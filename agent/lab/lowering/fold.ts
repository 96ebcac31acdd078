import { EPSILON } from '../tensorflow.ts';
import type { Parameters } from '../train/parameters.ts';

/** Values of a stored parameter. */
export function valuesOf(parameters: Parameters, name: string): Float32Array {
  const found = parameters.get(name);
  if (found === undefined) throw new Error(`no parameter ${name}`);
  return found.data;
}

/** Running batch norm as y = x * scale + offset, per channel. */
export function normOf(parameters: Parameters, id: string) {
  const get = (name: string): Float32Array => valuesOf(parameters, `${id}.${name}`);
  const [gamma, beta, mean, variance] = [get('gamma'), get('beta'), get('mean'), get('variance')];
  const scale = Float64Array.from(gamma, (g, i) => g / Math.sqrt((variance[i] ?? 0) + EPSILON));
  const offset = Float64Array.from(beta, (b, i) => b - (mean[i] ?? 0) * (scale[i] ?? 0));
  return { scale, offset };
}

/** From TensorFlow's [taps][in][out] to the deployed [out][taps][in]. */
export function outputsFirst(
  weights: Float32Array | Float64Array,
  inputs: number,
  outputs: number,
): Float64Array {
  const per = weights.length / outputs;
  const out = new Float64Array(weights.length);
  for (let n = 0; n < outputs; n++) {
    for (let k = 0; k < per; k++) out[n * per + k] = weights[k * outputs + n] ?? 0;
  }
  if (per % inputs !== 0) throw new Error('a kernel has another number of inputs');
  return out;
}

/** int8 weights, symmetric, one scale per output: w = q * scale. */
export function quantizeWeights(weights: Float64Array, outputs: number) {
  const per = weights.length / outputs;
  const scales = new Float64Array(outputs);
  const quantized = new Int8Array(weights.length);
  for (let n = 0; n < outputs; n++) {
    let max = 1e-9;
    for (let k = 0; k < per; k++) max = Math.max(max, Math.abs(weights[n * per + k] ?? 0));
    const scale = max / 127;
    scales[n] = scale;
    for (let k = 0; k < per; k++) {
      quantized[n * per + k] = Math.round((weights[n * per + k] ?? 0) / scale);
    }
  }
  return { quantized, scales };
}

/** Signs packed eight to a byte per tap: [out][taps][ceil(in / 8)], channel c in bit c mod 8 of byte c / 8. */
export function packSigns(
  weights: Float64Array,
  inputs: number,
  flip: (n: number) => boolean,
  outputs: number,
) {
  const taps = weights.length / inputs / outputs;
  const bytes = Math.ceil(inputs / 8);
  const packed = new Uint8Array(outputs * taps * bytes);
  for (let n = 0; n < outputs; n++) {
    for (let t = 0; t < taps; t++) {
      for (let c = 0; c < inputs; c++) {
        const positive = (weights[(n * taps + t) * inputs + c] ?? 0) >= 0;
        if (positive !== flip(n)) {
          const at = (n * taps + t) * bytes + (c >> 3);
          packed[at] = (packed[at] ?? 0) | (1 << (c & 7));
        }
      }
    }
  }
  return packed;
}
