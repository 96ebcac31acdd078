import type { Block } from '../convolution/block.ts';
import type { RandomLowering } from '../lowering.ts';
import { signBytes } from '../maps.ts';

/**
 * Signs of weights [out][taps][in], packed eight to a byte per tap: channel c in bit c mod 8 of byte c / 8.
 * @param flip outputs whose signs are turned over
 */
export function packSigns(
  weights: Float64Array,
  inputs: number,
  outputs: number,
  flip: (output: number) => boolean = () => false,
): Uint8Array {
  const taps = weights.length / inputs / outputs;
  const bytes = signBytes(inputs);
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

/** Shape of a binary kernel, packed in bytes. */
export function packedShape({ channels, kernel }: Block, inputs: number): readonly number[] {
  return [channels, ...kernel, signBytes(inputs)];
}

/** A kernel of random signs. */
export function randomKernel(node: Block, to: RandomLowering): void {
  const inputs = to.input[2];
  const shape = packedShape(node, inputs);
  const bytes = signBytes(inputs);
  const data = new Uint8Array(shape.reduce((a, b) => a * b, 1));
  const used = inputs % 8 === 0 ? 0xff : (1 << (inputs % 8)) - 1;
  for (let i = 0; i < data.length; i++) {
    data[i] = to.random.int(0, 255) & (i % bytes === bytes - 1 ? used : 0xff);
  }
  to.tensor(`${node.id}.weight`, data, shape);
}

/** Standard deviation of sums of random signs. */
export function spreadOfSigns({ kernel }: Block, inputs: number): number {
  return Math.sqrt(kernel[0] * kernel[1] * inputs);
}
