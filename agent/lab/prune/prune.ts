import type { Net } from '../../nets/graph.ts';
import { prunableOf } from '../../nets/traits.ts';
import type { Parameter, Parameters } from '../../tape/parameter.ts';
import { TrainingRandom } from '../../tape/random.ts';
import { Kernels, type Tf } from '../../tape/tensorflow.ts';
import type { Clip } from '../data/dataset.ts';
import { Mixer, mixSource } from '../mixing/mixer.ts';
import { klLoss } from '../train/loss.ts';
import { TrainableNetwork } from '../train/network.ts';
import { Optimizer } from '../train/optimizer.ts';
import type { Pruning } from './prunings.ts';
import {
  magnitudeThreshold,
  normalised,
  type Ranks,
  rankByMagnitude,
  rankByNorm,
  SPARSITY,
} from './rank.ts';
import { type Kept, shrink } from './shrink.ts';
import { channelsOf, leastOf, reached, type Target } from './target.ts';

export interface PruneOptions {
  readonly tf: Tf;
  readonly net: Net;
  readonly parameters: Parameters;
  /** Clips of the folds trained on. */
  readonly clips: readonly Clip[];
  readonly method: Pruning;
  readonly target: Target;
  /** Channels that go at a time. */
  readonly perRound: number;
  /** Epochs of fine-tuning after each round. */
  readonly tuneEpochs: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly seed: number;
  readonly onRound?: ((net: Net, loss: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Epochs of training on thinned weights before `hybrid` begins to remove channels. */
const THIN_EPOCHS = 5;
const WEIGHT_DECAY = 5e-4;

/**
 * Iterative pruning of channels and units: rank, remove the least important few, fine-tune, until the target is met. The result is a
 * smaller dense network, to be trained on with `otolith train --start`.
 */
export function prune(options: PruneOptions): { net: Net; parameters: Parameters } {
  const tuner = new Tuner(options);
  const least = leastOf(options.net, options.target);
  let { net, parameters } = options;
  if (options.method === 'hybrid') {
    parameters = thinned(net, parameters);
    for (let epoch = 0; epoch < THIN_EPOCHS; epoch++) tuner.epoch(net, parameters);
  }
  while (!reached(net, options.net, options.target)) {
    options.signal?.throwIfAborted();
    const ranks = ranksOf(options.method, net, parameters, tuner);
    const kept = leastRemoved(net, ranks, options.perRound, least);
    if (kept === undefined) break;
    ({ net, parameters } = shrink(net, parameters, kept));
    let loss = 0;
    for (let epoch = 0; epoch < options.tuneEpochs; epoch++) loss = tuner.epoch(net, parameters);
    options.onRound?.(net, loss);
  }
  return { net, parameters };
}

function ranksOf(method: Pruning, net: Net, parameters: Parameters, tuner: Tuner): Ranks {
  switch (method) {
    case 'l0':
      return rankByMagnitude(net, parameters);
    case 'l2':
      return rankByNorm(net, parameters);
    case 'taylor':
    case 'hybrid':
      return normalised(tuner.taylor(net, parameters));
  }
}

/** What stays when the `count` least important channels go that `least` lets go; undefined when none can. */
export function leastRemoved(
  net: Net,
  ranks: Ranks,
  count: number,
  least: ReadonlyMap<string, number>,
): Kept | undefined {
  const all = [...ranks].flatMap(([id, values]) =>
    [...values].map((rank, channel) => ({ id, channel, rank })),
  );
  all.sort((a, b) => a.rank - b.rank);
  const kept = new Map<string, number[]>();
  for (const node of net.nodes) {
    const width = prunableOf(node);
    if (width === 0) continue;
    kept.set(
      node.id,
      Array.from({ length: width }, (_, i) => i),
    );
  }
  let removed = 0;
  for (const { id, channel } of all) {
    if (removed === Math.min(count, channelsOf(net))) break;
    const left = kept.get(id) ?? [];
    if (left.length <= (least.get(id) ?? 0)) continue;
    left.splice(left.indexOf(channel), 1);
    removed++;
  }
  return removed === 0 ? undefined : kept;
}

/** Weights below the magnitude that 95 % lie under are zero, and stay so while the rest is trained. */
function thinned(net: Net, parameters: Parameters): Parameters {
  const threshold = magnitudeThreshold(net, parameters, SPARSITY);
  const out = new Map<string, Parameter>();
  for (const parameter of parameters.values()) {
    const { form, data } = parameter;
    if (form === undefined) {
      out.set(parameter.name, parameter);
      continue;
    }
    const mask = data.map((w) => (Math.abs(w) > threshold ? 1 : 0));
    const project = (weights: Float32Array): void => {
      // After a channel is gone the mask no longer fits; ranks have been taken by then.
      if (weights.length === mask.length)
        weights.forEach((w, i) => {
          weights[i] = w * (mask[i] ?? 0);
        });
    };
    project(data);
    out.set(parameter.name, { ...parameter, form: { ...form, project } });
  }
  return out;
}

/** Short trainings of ever smaller networks on the same stream of mixtures. */
class Tuner {
  readonly #options: PruneOptions;
  readonly #kernels: Kernels;
  readonly #mixer: Mixer;
  #step = 0;

  constructor(options: PruneOptions) {
    this.#options = options;
    this.#kernels = new Kernels(options.tf);
    const { net, clips } = options;
    const shape = { classes: net.classes, sampleRate: net.sampleRate, window: net.input[1] };
    this.#mixer = new Mixer(mixSource(clips, shape));
  }

  /** One epoch of SGD; gives the mean loss. */
  epoch(net: Net, parameters: Parameters): number {
    const { batch, learningRate, clips, seed } = this.#options;
    const network = new TrainableNetwork(net, parameters, this.#kernels);
    const optimizer = new Optimizer({ kind: 'sgd', weightDecay: WEIGHT_DECAY }, parameters);
    const steps = Math.ceil(clips.length / batch);
    let total = 0;
    for (let i = 0; i < steps; i++) {
      const { windows, labels } = this.#mixer.batch(batch, seed, this.#step);
      total += network.train(0, windows, new TrainingRandom(seed, this.#step++), (run) => {
        const { loss, gradient } = klLoss(run.logits, labels, net.classes);
        optimizer.step(parameters, run.backward(gradient), learningRate);
        run.updateStatistics();
        return loss;
      });
    }
    return total / steps;
  }

  /** First-order Taylor importance: |mean over positions of output x gradient|, averaged over a few batches. */
  taylor(net: Net, parameters: Parameters): Ranks {
    const { batch, seed } = this.#options;
    const network = new TrainableNetwork(net, parameters, this.#kernels);
    const ranks = new Map<string, Float64Array>();
    const batches = 2;
    for (let i = 0; i < batches; i++) {
      const { windows, labels } = this.#mixer.batch(batch, seed, this.#step);
      network.train(0, windows, new TrainingRandom(seed, this.#step++), (run) => {
        const { gradient } = klLoss(run.logits, labels, net.classes);
        run.backward(gradient, (id, y, dy) => {
          const node = net.nodes.find((n) => n.id === id);
          if (node === undefined || prunableOf(node) === 0) return;
          const perWindow = y.mul(dy).mean([1, 2]).abs().sum(0).dataSync<'float32'>();
          const sum = ranks.get(id) ?? new Float64Array(prunableOf(node));
          ranks.set(
            id,
            sum.map((s, c) => s + (perWindow[c] ?? 0)),
          );
        });
        return 0;
      });
    }
    return ranks;
  }
}
