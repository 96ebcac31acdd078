import { EPSILON } from '../../tape/epsilon.ts';
import type { ParameterValues } from '../lowering.ts';

/** Running batch norm as y = x * scale + offset. */
export interface FoldedNorm {
  /** Per channel. */
  readonly scale: Float64Array;
  readonly offset: Float64Array;
}

/** Folds the batch norm of a node's arrays gamma, beta, mean and variance into a factor and an offset per channel. */
export function foldedNorm(values: ParameterValues): FoldedNorm {
  const [gamma, beta] = [values('gamma'), values('beta')];
  const [mean, variance] = [values('mean'), values('variance')];
  const scale = Float64Array.from(gamma, (g, i) => g / Math.sqrt((variance[i] ?? 0) + EPSILON));
  const offset = Float64Array.from(beta, (b, i) => b - (mean[i] ?? 0) * (scale[i] ?? 0));
  return { scale, offset };
}
