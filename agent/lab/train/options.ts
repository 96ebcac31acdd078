import type { Net } from '../../nets/graph.ts';
import type { Tf } from '../../tape/tensorflow.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Epoch, Training } from './checkpoint.ts';
import type { Recipe } from './recipe.ts';

/** What a training is of. */
export interface TrainOptions {
  readonly tf: Tf;
  readonly net: Net;
  readonly recipe: Recipe;
  readonly dataset: Dataset;
  readonly datasetName: string;
  /** The fold left out of training; none to train on all of them. */
  readonly heldOut?: number | undefined;
  /** Folder of checkpoint.safetensors and network.safetensors. */
  readonly dir: string;
  /** Float networks whose mean softmax is part of the target. */
  readonly teachers?: readonly string[] | undefined;
  /** Float network whose 1-D front is taken over (see `frontEpochs`). */
  readonly front?: string | undefined;
  /** Float network of the same architecture whose weights this training begins with. */
  readonly start?: string | undefined;
  readonly command?: string | undefined;
  /** Epochs between evaluations on the clips left out; about twenty in a training if absent, and one every 50. */
  readonly evaluateEvery?: number | undefined;
  readonly onEpoch?: ((epoch: Epoch, training: Training) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}
