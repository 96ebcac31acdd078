import { accumulatorFault, multiplierFault } from '../bounds.ts';
import type { LayerTensors, TensorSpec } from '../tensors.ts';
import type { Output } from './schema.ts';

/** The per-channel tensors of an output stage. */
export function outputTensors(output: Output, channels: number): readonly TensorSpec[] {
  const shape = [channels];
  switch (output.type) {
    case 'bits':
      return [{ name: 'threshold', dtype: 'I32', shape }];
    case 'int8':
    case 'int16':
      return [
        { name: 'bias', dtype: 'I32', shape },
        { name: 'multiplier', dtype: 'I32', shape },
      ];
    case 'residual':
      return [
        { name: 'multiplier', dtype: 'I16', shape },
        { name: 'bias', dtype: 'I32', shape },
        { name: 'slope', dtype: 'I16', shape },
      ];
    case 'scores':
      return [{ name: 'bias', dtype: 'I32', shape }];
  }
}

/** What is added to a stage's shifted sums: absent where they are only compared. */
export function outputBias(output: Output, tensors: LayerTensors): Int32Array | undefined {
  return output.type === 'bits' ? undefined : tensors.int32('bias');
}

/** Bits by which a stage shifts its sums to the left. */
export function outputShift(output: Output): number {
  return 'shift' in output && output.type !== 'residual' ? output.shift : 0;
}

/** A negative factor, which kernels do not expect. */
export function outputFault(output: Output, tensors: LayerTensors): string | undefined {
  switch (output.type) {
    case 'bits':
    case 'scores':
      return undefined;
    case 'int8':
    case 'int16':
      return multiplierFault(tensors.int32('multiplier'));
    case 'residual':
      if (tensors.int16('slope').some((s) => s < 0)) return 'has a negative PReLU slope';
      return multiplierFault(tensors.int16('multiplier'));
  }
}

/** What is wrong with the numbers of a layer of int8 weights: its output stage's, or a sum of inputs of that reach wraps. */
export function weightedSumFault(
  output: Output,
  channels: number,
  reach: number,
  tensors: LayerTensors,
): string | undefined {
  const [weight, bias] = [tensors.int8('weight'), outputBias(output, tensors)];
  return (
    outputFault(output, tensors) ??
    accumulatorFault(weight, bias, channels, reach, outputShift(output))
  );
}
