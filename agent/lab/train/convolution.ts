import { type ConvNode, INPUT, type Pair } from '../../nets/graph.ts';
import type { Tensor } from '../tensorflow.ts';
import type { Pass, Through } from './tape.ts';

/** Channels of a map, inert ones included. */
export const channelsOf = (x: Tensor): number => x.shape[3] ?? 1;

export interface Convolved extends Through {
  /** Records the kernel's gradient alone: the window itself needs none, and it would be the dearest of all. */
  readonly backwardToKernel: (dy: Tensor) => undefined;
}

export function convolve(pass: Pass, node: ConvNode, x: Tensor, width: number): Convolved {
  const name = `${node.id}.weight`;
  const kernel = pass.kernel(name, [...node.kernel, channelsOf(x), width]);
  return {
    y: pass.kernels.conv(x, kernel, node),
    backwardToKernel(dy) {
      pass.give(name, pass.kernels.convKernelGradient(x, kernel, dy, node));
    },
    backward(dy) {
      pass.give(name, pass.kernels.convKernelGradient(x, kernel, dy, node));
      return pass.kernels.convInputGradient(x, kernel, dy, node);
    },
  };
}

export const readsWindow = (node: ConvNode): boolean => node.from === INPUT;

export function maxPool(pass: Pass, x: Tensor, pool: Pair): Through {
  if (pool[0] === 1 && pool[1] === 1) return { y: x, backward: (dy) => dy };
  const y = pass.kernels.maxPool(x, pool);
  return { y, backward: (dy) => pass.kernels.maxPoolGradient(x, y, dy, pool) };
}
