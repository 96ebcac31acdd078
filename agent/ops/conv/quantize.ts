import type { FoldedNorm } from '../convolution/batch-norm.ts';
import type { Block } from '../convolution/block.ts';
import type { QuantizedTensor } from '../lowering.ts';
import { MAP_STEPS, type RealSums } from '../output-stage/requantize.ts';
import { outputsFirst, quantizeRows } from '../weights.ts';

/** A real convolution with its batch norm, as trained. */
export interface RealConv {
  readonly node: Block;
  readonly inputs: number;
  /** [kh][kw][in][out] */
  readonly weights: Float32Array;
  readonly norm: FoldedNorm;
  /** How the input is stored. */
  readonly source: Pick<QuantizedTensor, 'type' | 'scale' | 'offset'>;
  /** Mean input of each channel, to correct the mean error of rounded weights by. */
  readonly means: Float64Array | undefined;
}

/** A convolution in 8 bits: int8 weights [out][taps][in], and what its sums mean. */
export interface QuantizedConv extends RealSums {
  readonly quantized: Int8Array;
}

/** Folds batch norm in and rounds to 8 bits per channel. */
export function quantizeConv(conv: RealConv): QuantizedConv {
  const { node, inputs, weights: stored, norm, source, means } = conv;
  const raw = outputsFirst(stored, inputs, node.channels);
  const per = raw.length / node.channels;
  const weights = raw.map((w, i) => w * (norm.scale[Math.floor(i / per)] ?? 0));
  const { quantized, scales } = quantizeRows(weights, node.channels);
  const largest = source.type === 'int16' ? 32768 : MAP_STEPS;
  const bias = Float64Array.from(norm.offset);
  const reach = new Float64Array(node.channels);
  for (let i = 0; i < quantized.length; i++) {
    const n = Math.floor(i / per);
    const c = i % inputs;
    const q = quantized[i] ?? 0;
    const rounded = q * (scales[n] ?? 0);
    reach[n] = (reach[n] ?? 0) + Math.abs(q) * largest;
    // The stored input lacks its channel's offset; a constant, as long as no tap meets padding.
    let added = rounded * source.offset(c);
    if (means !== undefined) added += ((weights[i] ?? 0) - rounded) * (means[c] ?? 0);
    bias[n] = (bias[n] ?? 0) + added;
  }
  return { quantized, unit: scales.map((s) => s * source.scale), bias, reach };
}
