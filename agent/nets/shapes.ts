import { UserError } from '../base/errors.ts';
import type { Shape } from '../ops/maps.ts';
import { nodeOperatorOf } from '../ops/registry.ts';
import { INPUT, type Net } from './graph.ts';

/**
 * Output shape of every node, by id (with `input` for the window).
 * @throws UserError `net` where a node reads something unknown, repeats an id or has nothing left to compute.
 */
export function shapesOf(net: Net): ReadonlyMap<string, Shape> {
  const shapes = new Map<string, Shape>([[INPUT, net.input]]);
  for (const node of net.nodes) {
    const fail = (why: string): never => {
      throw new UserError('net', `network ${net.name}: node "${node.id}" ${why}`);
    };
    if (shapes.has(node.id)) fail('has an id that is already taken');
    const input = shapes.get(node.from) ?? fail(`reads "${node.from}", which is not before it`);
    const shape = nodeOperatorOf(node).shape(node, input);
    if (shape.some((n) => !Number.isInteger(n) || n < 1)) {
      fail(`would give an empty map (${shape.join('x')})`);
    }
    shapes.set(node.id, shape);
  }
  return shapes;
}
