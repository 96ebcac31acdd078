import { UserError } from '../../errors.ts';
import type { ConvNode, Net } from '../../nets/graph.ts';
import { shrink } from '../prune/shrink.ts';
import type { Checkpoint } from './checkpoint.ts';
import { copyValues, type Parameters } from './parameters.ts';

/** Number of nodes before the image: the 1-D convolutions on the window and the change of axes, or the spectrogram. */
export function frontLength(net: Net): number {
  return net.nodes.findIndex((n) => n.kind === 'channelsToHeight' || n.kind === 'logMel') + 1;
}

/** Copies all parameters of a network of the same architecture. @throws UserError `training` */
export function takeAll(parameters: Parameters, from: Checkpoint): void {
  const [missing] = copyValues(parameters, from.parameters);
  if (missing === undefined) return;
  throw new UserError('training', `${from.training.net.name} has another ${missing}`, {
    hint: 'start from a network of the same architecture',
  });
}

/** Convolutions of the 1-D front. */
export function frontNodes(net: Net): readonly ConvNode[] {
  return net.nodes.slice(0, frontLength(net)).filter((n) => n.kind === 'conv');
}

/** Takes over another network's front; where fewer channels are wanted, those with the largest gamma. */
export function takeFront(parameters: Parameters, net: Net, from: Checkpoint): void {
  const rate = from.training.net.sampleRate;
  if (rate !== net.sampleRate) {
    const what = `the front of ${from.training.net.name} hears ${rate} Hz, ${net.name} ${net.sampleRate}`;
    throw new UserError('training', what, { hint: 'take the front of a network of the same rate' });
  }
  const ids = net.nodes.slice(0, frontLength(net)).map((n) => n.id);
  const narrow = new Map(
    net.nodes.flatMap((n) => {
      if (n.kind !== 'conv' || !ids.includes(n.id)) return [];
      const gamma = from.parameters.get(`${n.id}.gamma`)?.data ?? new Float32Array();
      return n.channels < gamma.length ? [[n.id, largestOf(gamma, n.channels)] as const] : [];
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
