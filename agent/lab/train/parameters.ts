import type { Net } from '../../nets/graph.ts';
import { shapesOf } from '../../nets/shapes.ts';
import type { BinaryWeights, Parameter, Parameters } from '../../tape/parameter.ts';
import { TrainingRandom } from '../../tape/random.ts';
import { gradientsOf } from './gradients.ts';

/** Fresh parameters: kernels He-normal, batch norm at identity (same seed, same numbers). */
export function initialParameters(
  net: Net,
  seed: number,
  weights: BinaryWeights = 'binary',
): Parameters {
  const draw = { random: new TrainingRandom(seed, 0x1417), weights };
  const shapes = shapesOf(net);
  const all = net.nodes.flatMap((node) =>
    gradientsOf(node).parameters(node, shapes.get(node.from) ?? net.input, draw),
  );
  return new Map(all.map((parameter) => [parameter.name, parameter]));
}

/** Arrays of one node, by local name ("weight"). */
export function parametersOf(parameters: Parameters, id: string): ReadonlyMap<string, Parameter> {
  const own = [...parameters].filter(([name]) => name.startsWith(`${id}.`));
  return new Map(own.map(([name, parameter]) => [name.slice(id.length + 1), parameter]));
}

/** Copies values of equally named and shaped arrays, for a warm start; returns the names that found none. */
export function copyValues(
  to: Parameters,
  from: ReadonlyMap<
    string,
    { readonly shape: readonly number[]; readonly data: ArrayLike<number> }
  >,
): readonly string[] {
  const missing: string[] = [];
  for (const parameter of to.values()) {
    const found = from.get(parameter.name);
    if (found === undefined || found.shape.join() !== parameter.shape.join())
      missing.push(parameter.name);
    else parameter.data.set(found.data);
  }
  return missing;
}
