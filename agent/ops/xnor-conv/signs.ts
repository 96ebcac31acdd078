import type { Tape } from '../../tape/tape.ts';
import type { Tensor } from '../../tape/tensorflow.ts';

/** Signs as +-1, 0 counting as +1 as in the integer form. */
export function signsOf(tape: Tape, x: Tensor): Tensor {
  const { tf } = tape.kernels;
  return tf.greaterEqual(x, 0).toFloat().mul(2).sub(1);
}
