import { UserError } from '../../base/errors.ts';
import type { Net } from '../../nets/graph.ts';
import type { Parameter, Parameters } from '../../tape/parameter.ts';
import { TrainingRandom } from '../../tape/random.ts';
import type { Simulation } from '../../tape/tape.ts';
import { Kernels, type Tf } from '../../tape/tensorflow.ts';
import type { Clip } from '../data/dataset.ts';
import { Mixer, mixSource } from '../mixing/mixer.ts';
import { gradientsOf } from '../train/gradients.ts';
import { klLoss, softmaxRows } from '../train/loss.ts';
import { TrainableNetwork } from '../train/network.ts';
import { Optimizer } from '../train/optimizer.ts';
import { parametersOf } from '../train/parameters.ts';
import { cosineRate } from '../train/recipe.ts';
import type { Calibration } from './calibrations.ts';
import type { Observed } from './observe.ts';
import { rangeOf } from './ranges.ts';

export interface FineTuneOptions {
  readonly tf: Tf;
  /** The float network, whose softmax is aimed at. */
  readonly teacher: TrainableNetwork;
  /** Clips it was trained on. */
  readonly clips: readonly Clip[];
  /** The ranges to train with, which are those to deploy with. */
  readonly simulation: Simulation;
  readonly epochs: number;
  readonly batch: number;
  readonly seed: number;
  /** Called after each epoch with the share of the fine-tune that is done. */
  readonly onEpoch?: ((share: number, loss: number) => void) | undefined;
}

/** Of Adam, at the start of half a cosine; a weight moves a few of its 127 steps in all. */
const LEARNING_RATE = 1e-4;

/**
 * Trains a network on as the 8-bit one it will be: batch norm folded and frozen at its running statistics, no dropout,
 * weights and maps rounded, towards the float network's own softmax on the trainer's between-class mixtures. (Labels
 * would teach it the clips a second time, and what it gained would be hard to tell from what it learnt by heart.) Gives
 * parameters for `lower` with the same ranges, without a correction of biases, which have been learnt. Runs without
 * the training's bfloat16 products, which keep 8 of the window's 16 bits.
 */
export function fineTune(options: FineTuneOptions): Parameters {
  const { teacher, clips, epochs, batch, seed } = options;
  const { net } = teacher;
  const parameters = foldNorms(net, teacher.parameters);
  const student = new TrainableNetwork(
    net,
    parameters,
    new Kernels(options.tf),
    options.simulation,
  );
  const optimizer = new Optimizer({ kind: 'adam', weightDecay: 0 }, parameters);
  const shape = { classes: net.classes, sampleRate: net.sampleRate, window: net.input[1] };
  const mixer = new Mixer(mixSource(clips, shape));
  const batches = Math.ceil(clips.length / batch);
  for (let epoch = 0; epoch < epochs; epoch++) {
    let total = 0;
    for (let i = 0; i < batches; i++) {
      const step = epoch * batches + i;
      const { windows } = mixer.batch(batch, seed, step, 0xf17e);
      const target = softmaxRows(teacher.infer(windows), net.classes);
      const rate = cosineRate(LEARNING_RATE, step / (epochs * batches));
      total += student.train(0, windows, new TrainingRandom(seed, step, 0xf17e), (run) => {
        const { loss, gradient } = klLoss(run.logits, target, net.classes);
        optimizer.step(parameters, run.backward(gradient), rate);
        return loss;
      });
    }
    options.onEpoch?.((epoch + 1) / epochs, total / batches);
  }
  return parameters;
}

/** Ranges of the maps that `lower` will store in 8 bits. */
export function simulationOf(
  net: Net,
  observed: ReadonlyMap<string, Observed>,
  calibration: Calibration,
): Simulation {
  const tops = new Map<string, number>();
  for (const node of net.nodes) {
    const seen = observed.get(node.id);
    if (gradientsOf(node).in8Bits?.rounded && seen !== undefined)
      tops.set(node.id, rangeOf(seen, calibration));
  }
  return { tops };
}

/**
 * The same network with batch norm folded into kernels and biases, and rounded weights.
 * @throws UserError `fine-tune` for a network that is not all of real convolutions and dense layers.
 */
export function foldNorms(net: Net, parameters: Parameters): Parameters {
  const out = new Map<string, Parameter>();
  for (const node of net.nodes) {
    const trained = parametersOf(parameters, node.id);
    if (trained.size === 0) continue;
    const folded = gradientsOf(node).in8Bits?.parameters(node, trained);
    if (folded === undefined) {
      throw new UserError(
        'fine-tune',
        `${net.name} has ${node.id}, which no fine-tune mimics yet`,
        {
          hint: 'leave out --fine-tune: it is for real convolutions and dense layers',
        },
      );
    }
    for (const parameter of folded) out.set(parameter.name, parameter);
  }
  return out;
}
