import { EPSILON } from '../../tape/epsilon.ts';
import type { Parameter } from '../../tape/parameter.ts';
import { type FoldedNorm, foldedNorm } from '../convolution/batch-norm.ts';
import { perOutputInt8 } from '../output-stage/fake-quantize.ts';

/** A real block's arrays with batch norm folded into kernel and `beta`: the norm that is left adds `beta` alone. */
export function plainIn8Bits(trained: ReadonlyMap<string, Parameter>): readonly Parameter[] {
  const norm = foldedNorm((name) => trained.get(name)?.data ?? new Float32Array());
  return [...trained].map(([name, parameter]) => {
    const data = folded(name, parameter.data, norm);
    if (name === 'weight') return { ...parameter, data, trained: true, form: perOutputInt8 };
    return { ...parameter, data, trained: name === 'beta' };
  });
}

function folded(name: string, data: Float32Array, { scale, offset }: FoldedNorm): Float32Array {
  switch (name) {
    case 'weight':
      return data.map((w, i) => w * (scale[i % scale.length] ?? 0));
    case 'beta':
      return Float32Array.from(offset);
    case 'gamma':
      return data.map(() => 1);
    case 'mean':
      return data.map(() => 0);
    case 'variance':
      return data.map(() => 1 - EPSILON);
    default:
      throw new Error(`a convolution has no ${name}`);
  }
}
