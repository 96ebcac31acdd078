import type { Tape, Through } from '../../tape/tape.ts';
import type { Tensor } from '../../tape/tensorflow.ts';
import type { Pair } from '../maps.ts';
import { INPUT } from '../node.ts';
import type { Block } from './block.ts';

/** Channels of a map, inert ones included. */
export const channelsOf = (x: Tensor): number => x.shape[3] ?? 1;

export interface Convolved extends Through {
  /** Records the kernel's gradient alone: the window itself needs none, and it would be the dearest of all. */
  readonly backwardToKernel: (dy: Tensor) => undefined;
}

export function convolve(tape: Tape, node: Block, x: Tensor, width: number): Convolved {
  const name = `${node.id}.weight`;
  const kernel = tape.kernel(name, [...node.kernel, channelsOf(x), width]);
  return {
    y: tape.kernels.conv(x, kernel, node),
    backwardToKernel(dy) {
      tape.give(name, tape.kernels.convKernelGradient(x, kernel, dy, node));
    },
    backward(dy) {
      tape.give(name, tape.kernels.convKernelGradient(x, kernel, dy, node));
      return tape.kernels.convInputGradient(x, kernel, dy, node);
    },
  };
}

/** Whether no gradient by its input is asked of a block. */
export const readsWindow = (node: Block): boolean => node.from === INPUT;

export function maxPool(tape: Tape, x: Tensor, pool: Pair): Through {
  if (pool[0] === 1 && pool[1] === 1) return { y: x, backward: (dy) => dy };
  const y = tape.kernels.maxPool(x, pool);
  return { y, backward: (dy) => tape.kernels.maxPoolGradient(x, y, dy, pool) };
}
