import { freemem } from 'node:os';
import { UserError } from '../../base/errors.ts';
import type { Net } from '../../nets/graph.ts';
import { shapesOf } from '../../nets/shapes.ts';
import type { Shape } from '../../ops/maps.ts';
import type { Clip } from '../data/dataset.ts';
import { gradientsOf } from './gradients.ts';

/** A batch may be this large whatever the data: the usual one, with few clips. */
const SMALL_BATCH = 64;
const FLOAT_BYTES = 4;

export interface Plan {
  readonly net: Net;
  readonly labels: readonly string[];
  readonly batch: number;
  /** Clips trained on. */
  readonly clips: readonly Clip[];
  readonly heldOut: number | undefined;
  /** Memory that a step may take, in bytes. */
  readonly memory?: number | undefined;
}

/**
 * Refuses, before anything is computed, what no training can come of.
 * @throws UserError `data` where classes lack clips to learn from; `option` where a batch is too large.
 */
export function refuseInfeasible(plan: Plan): void {
  refuseMissingClasses(plan);
  const { batch, clips, net } = plan;
  const most = Math.max(SMALL_BATCH, clips.length);
  if (batch > most) {
    throw new UserError('option', `a batch of ${batch} windows is more than the data give`, {
      hint: `an epoch is as many windows as there are training clips (${clips.length}): give --batch ${most} or less`,
    });
  }
  const memory = plan.memory ?? freemem();
  const each = bytesOfWindow(net);
  if (batch * each <= memory) return;
  const needs = `a batch of ${batch} windows needs about ${gigabytes(batch * each)} of memory, and ${gigabytes(memory)} are free`;
  throw new UserError('option', needs, {
    hint: `give --batch ${Math.max(2, Math.floor(memory / each / 2))} or less`,
  });
}

function refuseMissingClasses({ labels, clips, heldOut }: Plan): void {
  const counts = labels.map((_, label) => clips.filter((c) => c.label === label).length);
  const there = labels.filter((_, label) => (counts[label] ?? 0) > 0);
  const among = heldOut === undefined ? 'there' : `with fold ${heldOut} left out`;
  if (labels.length < 2 || there.length < 2) {
    const found = there.length === 0 ? 'none' : `only ${there.join(', ')}`;
    throw new UserError(
      'data',
      `a network learns to tell classes apart, and ${among} is ${found}`,
      {
        hint: 'give clips of two classes or more in the folds that are trained on',
      },
    );
  }
  const missing = labels.filter((_, label) => counts[label] === 0);
  if (missing.length === 0) return;
  throw new UserError('data', `no clip to learn ${missing.join(', ')} from is ${among}`, {
    hint:
      heldOut === undefined
        ? 'add clips that can be read, or choose other classes with --classes'
        : 'leave out another fold, or say with --group which clips belong together',
  });
}

/** What a training step holds of one window, in bytes: the maps of every convolution, forward and backward. */
function bytesOfWindow(net: Net): number {
  const shapes = shapesOf(net);
  const size = ([h, w, c]: Shape): number => h * w * c;
  const held = net.nodes.reduce(
    (sum, node) => sum + (gradientsOf(node).held?.(node, shapes.get(node.from) ?? net.input) ?? 0),
    0,
  );
  return FLOAT_BYTES * (held + 4 * size(net.input));
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
