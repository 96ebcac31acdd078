import type { Model } from '../../model/model.ts';
import { costOf } from '../../nets/cost.ts';
import type { Dataset } from '../data/dataset.ts';
import { Kernels, type Tf } from '../tensorflow.ts';
import type { Checkpoint } from '../train/checkpoint.ts';
import { TrainableNetwork } from '../train/network.ts';
import { deploy } from './deploy.ts';
import { observe } from './observe.ts';
import type { Calibration } from './ranges.ts';

export interface QuantizeOptions {
  readonly tf: Tf;
  readonly from: Checkpoint;
  readonly dataset: Dataset;
  readonly name: string;
  readonly calibration: Calibration;
  readonly biasCorrection: boolean;
  readonly command?: string | undefined;
}

/**
 * A float network to the deployed model: real layers in 8 bits, binary ones as signs with integer thresholds.
 * Calibrated on the folds it was trained on, never on the one held out.
 */
export function quantize(options: QuantizeOptions): Model {
  const { from, dataset, command } = options;
  const { training, parameters } = from;
  const network = new TrainableNetwork(training.net, parameters, new Kernels(options.tf));
  const clips = dataset.clips.filter((c) => training.folds.includes(c.fold));
  const { recipe } = training;
  return deploy({
    net: training.net,
    parameters,
    observed: observe(network, clips),
    calibration: options.calibration,
    biasCorrection: options.biasCorrection,
    metadata: {
      name: options.name,
      labels: [...training.labels],
      provenance: {
        weights: 'trained',
        network: `${training.net.name}, ${Math.round(costOf(training.net).macs / 1e5) / 10} M MACs`,
        seed: recipe.seed,
        dataset: training.dataset,
        folds: [...training.folds],
        recipe: JSON.stringify(recipe),
        command: [training.command, command].filter((c) => c !== undefined).join('\n'),
      },
    },
  });
}
