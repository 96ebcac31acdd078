import type { Net } from '../../nets/graph.ts';
import type { Parameters } from '../train/parameters.ts';

/** How channels are ranked; `hybrid` is `taylor` on weights that were first thinned by magnitude. */
export const PRUNINGS = ['l0', 'l2', 'taylor', 'hybrid'] as const;
export type Pruning = (typeof PRUNINGS)[number];

/** Importance of every channel of every convolution, comparable across layers; least first to go. */
export type Ranks = ReadonlyMap<string, Float64Array>;

/** Share of weights that magnitude counts as nothing (the paper's 95 %). */
export const SPARSITY = 0.95;

/** Magnitude below which `sparsity` of all convolution weights lie. */
export function magnitudeThreshold(net: Net, parameters: Parameters, sparsity: number): number {
  const all = net.nodes.flatMap((n) =>
    n.kind === 'conv' ? [...(parameters.get(`${n.id}.weight`)?.data ?? [])].map(Math.abs) : [],
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

function byFilter(
  net: Net,
  parameters: Parameters,
  score: (filter: readonly number[]) => number,
): Ranks {
  const ranks = new Map<string, Float64Array>();
  for (const node of net.nodes) {
    if (node.kind !== 'conv') continue;
    const data = parameters.get(`${node.id}.weight`)?.data ?? new Float32Array();
    const filters = Array.from({ length: node.channels }, (): number[] => []);
    data.forEach((w, i) => {
      filters[i % node.channels]?.push(w);
    });
    ranks.set(node.id, Float64Array.from(filters, score));
  }
  return ranks;
}
