import { UserError } from '../../base/errors.ts';
import type { Net } from '../../nets/graph.ts';
import { frontOf, prunableOf } from '../../nets/traits.ts';
import { nodeOperatorOf } from '../../ops/registry.ts';
import type { Parameters } from '../../tape/parameter.ts';
import { shrink } from '../prune/shrink.ts';
import type { Checkpoint } from './checkpoint.ts';
import { copyValues } from './parameters.ts';

/** Copies all parameters of a network of the same architecture. @throws UserError `training` */
export function takeAll(parameters: Parameters, from: Checkpoint): void {
  const [missing] = copyValues(parameters, from.parameters);
  if (missing === undefined) return;
  throw new UserError('training', `${from.training.net.name} has another ${missing}`, {
    hint: 'start from a network of the same architecture',
  });
}

/** Channels that a learnt front gives; undefined where there is none. */
export function frontChannels(net: Net): number | undefined {
  return frontOf(net)
    .map(prunableOf)
    .filter((width) => width > 0)
    .at(-1);
}

/** Takes over another network's front; where fewer channels are wanted, those with the largest gamma. */
export function takeFront(parameters: Parameters, net: Net, from: Checkpoint): void {
  const rate = from.training.net.sampleRate;
  if (rate !== net.sampleRate) {
    const what = `the front of ${from.training.net.name} takes ${rate} Hz, ${net.name} ${net.sampleRate}`;
    throw new UserError('training', what, { hint: 'take the front of a network of the same rate' });
  }
  const nodes = frontOf(net);
  const ids = nodes.map((n) => n.id);
  const narrow = new Map(
    nodes.flatMap((node) => {
      const name = nodeOperatorOf(node).pruning?.loudness;
      const loudness = from.parameters.get(`${node.id}.${name}`)?.data ?? new Float32Array();
      const width = prunableOf(node);
      return width < loudness.length ? [[node.id, largestOf(loudness, width)] as const] : [];
    }),
  );
  const source = shrink(from.training.net, from.parameters, narrow).parameters;
  const front = new Map(
    [...parameters].filter(([name]) => ids.includes(name.slice(0, name.indexOf('.')))),
  );
  const [missing] = copyValues(front, source);
  if (missing === undefined) return;
  throw new UserError('training', `the front of ${from.training.net.name} has another ${missing}`, {
    hint: 'give the network no more channels in conv1 and conv2 than that one has',
  });
}

/** Indices of the `count` values of largest magnitude, ascending. */
function largestOf(values: Float32Array, count: number): readonly number[] {
  const order = [...values.keys()].sort(
    (a, b) => Math.abs(values[b] ?? 0) - Math.abs(values[a] ?? 0),
  );
  return order.slice(0, count).sort((a, b) => a - b);
}
