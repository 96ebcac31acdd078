import { CompiledModel } from '../../engine/compiled-model.ts';
import type { Model } from '../../model/model.ts';
import { costOf } from '../../nets/cost.ts';
import type { Clip, Dataset } from '../data/dataset.ts';
import { testWindows } from '../evaluate.ts';
import { Kernels, type Tf } from '../tensorflow.ts';
import type { Checkpoint } from '../train/checkpoint.ts';
import { softmaxRows } from '../train/loss.ts';
import { TrainableNetwork } from '../train/network.ts';
import { type DeployOptions, deploy } from './deploy.ts';
import { observe } from './observe.ts';
import { CALIBRATIONS, type Calibration } from './ranges.ts';

export interface QuantizeOptions {
  readonly tf: Tf;
  readonly from: Checkpoint;
  readonly dataset: Dataset;
  readonly name: string;
  /** `auto` takes the one whose deployed network is nearest to the float one on clips it was trained on. */
  readonly calibration: Calibration | 'auto';
  readonly biasCorrection: boolean;
  readonly command?: string | undefined;
  /** Folder of compiled modules, for `auto`. */
  readonly cache: string;
}

/**
 * A float network to the deployed model: real layers in 8 bits, binary ones as signs with integer thresholds.
 * Calibrated on the folds it was trained on, never on the one held out.
 */
export async function quantize(options: QuantizeOptions): Promise<Quantized> {
  const { from, dataset } = options;
  const { training, parameters } = from;
  const network = new TrainableNetwork(training.net, parameters, new Kernels(options.tf));
  const clips = dataset.clips.filter((c) => training.folds.includes(c.fold));
  const observed = observe(network, clips);
  const make = (calibration: Calibration): Model =>
    deploy({
      net: training.net,
      parameters,
      observed,
      calibration,
      biasCorrection: options.biasCorrection,
      metadata: metadataOf(options, calibration),
    });
  if (options.calibration !== 'auto') {
    return { model: make(options.calibration), calibration: options.calibration };
  }
  let best: (Quantized & { readonly distance: number }) | undefined;
  for (const calibration of CALIBRATIONS) {
    const model = make(calibration);
    const distance = await distanceOf(model, network, clips, options.cache);
    if (best === undefined || distance < best.distance) best = { model, calibration, distance };
  }
  if (best === undefined) throw new Error('no calibration');
  return best;
}

export interface Quantized {
  readonly model: Model;
  readonly calibration: Calibration;
}

/** Windows on which calibrations are compared; another choice than the one calibrated on. */
const COMPARED = 240;

/** Mean KL divergence of the deployed network's softmax from the float one's. */
async function distanceOf(
  model: Model,
  network: TrainableNetwork,
  clips: readonly Clip[],
  cache: string,
): Promise<number> {
  const compiled = await CompiledModel.load(model, { cache });
  const size = compiled.windowSamples;
  const windows = clips.flatMap((c) => testWindows(c.samples, size).slice(2, 8));
  const stride = Math.max(1, Math.floor(windows.length / COMPARED));
  let sum = 0;
  let count = 0;
  for (let i = 0; i < windows.length; i += stride) {
    const window = windows[i];
    if (window === undefined) continue;
    const logits = network.infer(Float32Array.from(window, (s) => s / 32768));
    const exact = softmaxRows(logits, logits.length);
    const { probabilities } = compiled.run(window);
    exact.forEach((p, c) => {
      if (p > 1e-9) sum += p * Math.log(p / Math.max(1e-9, probabilities[c] ?? 0));
    });
    count++;
  }
  return sum / count;
}

function metadataOf(
  { from, name, command }: QuantizeOptions,
  calibration: Calibration,
): DeployOptions['metadata'] {
  const { training } = from;
  const { recipe, net } = training;
  return {
    name,
    labels: [...training.labels],
    provenance: {
      weights: 'trained',
      network: `${net.name}, ${Math.round(costOf(net).macs / 1e5) / 10} M MACs`,
      seed: recipe.seed,
      dataset: training.dataset,
      folds: [...training.folds],
      recipe: JSON.stringify({ ...recipe, calibration }),
      command: [training.command, command].filter((c) => c !== undefined).join('\n'),
    },
  };
}
