import { EPSILON } from '../../tape/epsilon.ts';
import { resized } from '../../tape/padding.ts';
import { constant, type Parameter } from '../../tape/parameter.ts';
import { forbidden, type Tape, type Through } from '../../tape/tape.ts';
import type { Tensor } from '../../tape/tensorflow.ts';
import { channelsOf } from './convolve.ts';

/** Arrays of a batch norm at identity. */
export function normParameters(id: string, channels: number): readonly [Parameter, ...Parameter[]] {
  return [
    constant(`${id}.gamma`, channels, 1),
    constant(`${id}.beta`, channels, 0),
    { ...constant(`${id}.mean`, channels, 0), trained: false },
    { ...constant(`${id}.variance`, channels, 1), trained: false },
  ];
}

/** Batch norm: over this batch in training, whose statistics are noted; else with running statistics. */
export function batchNorm(tape: Tape, id: string, x: Tensor): Through {
  if (tape.training) return trainNorm(tape, id, x);
  const { scale, offset } = runningNorm(tape, id);
  const width = channelsOf(x);
  const y = x.mul(padded(tape, scale, width)).add(padded(tape, offset, width));
  return { y, backward: forbidden };
}

function trainNorm(tape: Tape, id: string, x: Tensor): Through {
  const width = channelsOf(x);
  const gamma = tape.vector(`${id}.gamma`, width);
  const beta = tape.vector(`${id}.beta`, width);
  const norm = tape.kernels.batchNorm(x, gamma, beta);
  tape.note(id, norm);
  return {
    y: norm.y,
    backward(dy: Tensor): Tensor {
      const [dx, dGamma, dBeta] = tape.kernels.batchNormGradient(dy, x, gamma, norm.reserve);
      tape.give(`${id}.gamma`, dGamma);
      tape.give(`${id}.beta`, dBeta);
      return dx;
    },
  };
}

/** A vector with zeros for inert channels. */
export function padded(tape: Tape, values: Float32Array, width: number): Tensor {
  return tape.kernels.tf.tensor1d(resized(values, [values.length], [width]));
}

/** Running batch norm as a factor and an offset per channel, as 32-bit floats compute it. */
export function runningNorm(tape: Pick<Tape, 'get'>, id: string) {
  const [gamma, beta] = [tape.get(`${id}.gamma`), tape.get(`${id}.beta`)];
  const [mean, variance] = [tape.get(`${id}.mean`), tape.get(`${id}.variance`)];
  const scale = gamma.map((g, i) => g / Math.sqrt((variance[i] ?? 0) + EPSILON));
  const offset = beta.map((b, i) => b - (mean[i] ?? 0) * (scale[i] ?? 0));
  return { scale, offset };
}
