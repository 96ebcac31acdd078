import type { Net, Node } from '../../nets/graph.ts';
import { prunableOf } from '../../nets/traits.ts';
import { nodeOperatorOf } from '../../ops/registry.ts';
import type { Parameters } from '../../tape/parameter.ts';

/** Importance of every channel of every convolution and every unit of every recurrent layer, comparable across layers; least first to go. */
export type Ranks = ReadonlyMap<string, Float64Array>;

/** Share of weights that magnitude counts as nothing (the paper's 95 %). */
export const SPARSITY = 0.95;

/** Magnitude below which `sparsity` of all weights of what is pruned lie. */
export function magnitudeThreshold(net: Net, parameters: Parameters, sparsity: number): number {
  const all = net.nodes.flatMap((n) =>
    weightsOf(n, parameters).flatMap((weights) => [...weights].map(Math.abs)),
  );
  all.sort((a, b) => a - b);
  return all[Math.floor(sparsity * (all.length - 1))] ?? 0;
}

/** Share of each filter's weights that are above the magnitude that few weights reach. */
export function rankByMagnitude(net: Net, parameters: Parameters): Ranks {
  const threshold = magnitudeThreshold(net, parameters, SPARSITY);
  return byFilter(net, parameters, (filter) => {
    let above = 0;
    for (const w of filter) if (Math.abs(w) > threshold) above++;
    return above / filter.length;
  });
}

/** Root mean square of each filter. */
export function rankByNorm(net: Net, parameters: Parameters): Ranks {
  return byFilter(net, parameters, (filter) =>
    Math.sqrt(filter.reduce((sum, w) => sum + w * w, 0) / filter.length),
  );
}

/** Molchanov et al. 2017: normalised per layer, so that depth does not decide. */
export function normalised(ranks: Ranks): Ranks {
  return new Map(
    [...ranks].map(([id, values]) => {
      const norm = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0)) || 1;
      return [id, values.map((v) => v / norm)];
    }),
  );
}

/** Arrays of weights whose last axis is what can be pruned. */
function weightsOf(node: Node, parameters: Parameters): readonly Float32Array[] {
  const names = nodeOperatorOf(node).pruning?.weights ?? [];
  return names.map((name) => parameters.get(`${node.id}.${name}`)?.data ?? new Float32Array());
}

function byFilter(
  net: Net,
  parameters: Parameters,
  score: (filter: readonly number[]) => number,
): Ranks {
  const ranks = new Map<string, Float64Array>();
  for (const node of net.nodes) {
    const width = prunableOf(node);
    if (width === 0) continue;
    const filters = Array.from({ length: width }, (): number[] => []);
    for (const weights of weightsOf(node, parameters)) {
      weights.forEach((w, i) => {
        filters[i % width]?.push(w);
      });
    }
    ranks.set(node.id, Float64Array.from(filters, score));
  }
  return ranks;
}
