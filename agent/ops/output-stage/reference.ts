import { at, clamp, requantize } from '../arithmetic.ts';
import type { ActivationMap } from '../maps.ts';
import type { LayerTensors } from '../tensors.ts';
import type { Output } from './schema.ts';

/** An accumulator at a position of the unpooled map -> the value that leaves the layer. */
export type OutputStage = (acc: number, y: number, x: number, channel: number) => number;

/** An output stage of firmware/SPEC.md; `shortcut` is the int16 stream that a residual one adds. */
export function outputStage(
  output: Output,
  tensors: LayerTensors,
  shortcut?: ActivationMap,
): OutputStage {
  switch (output.type) {
    case 'bits': {
      const threshold = tensors.int32('threshold');
      return (acc, _y, _x, n) => (acc >= at(threshold, n) ? 1 : 0);
    }
    case 'scores': {
      const bias = tensors.int32('bias');
      return (acc, _y, _x, n) => acc + at(bias, n);
    }
    case 'int8':
    case 'int16': {
      const bias = tensors.int32('bias');
      const multiplier = tensors.int32('multiplier');
      const zero = output.type === 'int8' ? output.zeroPoint : 0;
      const max = output.type === 'int8' ? output.max : 32767;
      return (acc, _y, _x, n) => {
        const value = zero + requantize(acc, output.shift, at(bias, n), at(multiplier, n));
        return clamp(value, output.min, max);
      };
    }
    case 'residual': {
      if (shortcut === undefined) throw new Error('a residual stage without its shortcut');
      return residualStage(output.shift, tensors, shortcut);
    }
  }
}

function residualStage(shift: number, tensors: LayerTensors, stream: ActivationMap): OutputStage {
  const bias = tensors.int32('bias');
  const multiplier = tensors.int16('multiplier');
  const slope = tensors.int16('slope');
  const [, width, channels] = stream.shape;
  return (acc, y, x, n) => {
    const shortcut = at(stream.data, (y * width + x) * channels + (n % channels));
    const sum = shortcut + ((acc * at(multiplier, n) + at(bias, n)) >> shift);
    const u = clamp(sum, -32768, 32767);
    return u >= 0 ? u : (u * at(slope, n)) >> 15;
  };
}
