import { UserError } from '../../errors.ts';
import type { Net } from '../../nets/graph.ts';
import type { Clip } from '../data/dataset.ts';
import { Mixer, mixSource } from '../mixing/mixer.ts';
import { TrainingRandom } from '../mixing/random.ts';
import { EPSILON, Kernels, type Tf } from '../tensorflow.ts';
import { perOutputInt8, sharedInt8 } from '../train/fake-quantize.ts';
import { klLoss, softmaxRows } from '../train/loss.ts';
import { TrainableNetwork } from '../train/network.ts';
import { Optimizer } from '../train/optimizer.ts';
import type { Parameter, Parameters } from '../train/parameters.ts';
import { cosineRate } from '../train/recipe.ts';
import type { Simulation } from '../train/tape.ts';
import type { Calibration } from './calibrations.ts';
import { normOf } from './fold.ts';
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
 * parameters for `deploy` with the same ranges, without a correction of biases, which have been learnt. Runs without
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

/** Ranges of the maps that `deploy` will store in 8 bits. */
export function simulationOf(
  net: Net,
  observed: ReadonlyMap<string, Observed>,
  calibration: Calibration,
): Simulation {
  const tops = new Map<string, number>();
  for (const { id, kind } of net.nodes) {
    const seen = observed.get(id);
    if ((kind === 'conv' || kind === 'average') && seen !== undefined)
      tops.set(id, rangeOf(seen, calibration));
  }
  return { tops };
}

/**
 * The same network with batch norm folded into kernels and biases, and rounded weights: the norm that is left adds
 * `beta` alone.
 * @throws UserError `fine-tune` for a network that is not all of real convolutions.
 */
export function foldNorms(net: Net, parameters: Parameters): Parameters {
  const out = new Map<string, Parameter>();
  for (const parameter of parameters.values()) {
    const [id = ''] = parameter.name.split('.');
    const node = net.nodes.find((n) => n.id === id);
    if (node?.kind === 'lstm' || (node?.kind === 'conv' && node.form !== 'plain')) {
      throw new UserError('fine-tune', `${net.name} has ${id}, which no fine-tune mimics yet`, {
        hint: 'leave out --fine-tune: it is for real convolutions and dense layers',
      });
    }
    const form = node?.kind === 'dense' ? sharedInt8 : perOutputInt8;
    const isWeight = parameter.name.endsWith('.weight');
    const data = folded(parameter, parameters, node?.kind === 'conv' ? id : undefined);
    const statistic = /\.(gamma|mean|variance)$/.test(parameter.name);
    out.set(parameter.name, {
      ...parameter,
      data,
      trained: !statistic,
      ...(isWeight ? { form } : {}),
    });
  }
  return out;
}

/** Values of one parameter once the batch norm of `conv`, if it belongs to one, is folded. */
function folded(
  { name, data }: Parameter,
  parameters: Parameters,
  conv: string | undefined,
): Float32Array {
  if (conv === undefined) return data.slice();
  const { scale, offset } = normOf(parameters, conv);
  switch (name.slice(conv.length + 1)) {
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
