import { UserError } from '../../base/errors.ts';
import type { Model } from '../../model/model.ts';
import type { ClipSet } from '../../model/plan.ts';
import { costOf } from '../../nets/cost.ts';
import { Kernels, type Tf } from '../../tape/tensorflow.ts';
import { clipSetOf, unionOf } from '../data/clip-set.ts';
import type { Clip, Dataset } from '../data/dataset.ts';
import { labelledFor, learntFrom } from '../data/for-network.ts';
import type { Checkpoint } from '../train/checkpoint.ts';
import { TrainableNetwork } from '../train/network.ts';
import { type CalibrationScore, CalibrationScorer } from './calibration-score.ts';
import { CALIBRATIONS, type Calibration } from './calibrations.ts';
import { fineTune, simulationOf } from './fine-tune.ts';
import { lower } from './lower.ts';
import type { LoweringOptions } from './lowering.ts';
import { type Observed, observe } from './observe.ts';

export interface QuantizeOptions {
  readonly tf: Tf;
  readonly from: Checkpoint;
  readonly dataset: Dataset;
  readonly name: string;
  /** `auto` takes the one whose deployed network is nearest to the float one on clips it was trained on. */
  readonly calibration: Calibration | 'auto';
  readonly biasCorrection: boolean;
  /** Epochs of quantization-aware training after calibration; `auto`: some, where calibration is not lossless. */
  readonly fineTune?: number | 'auto' | undefined;
  /** Called as each step of calibrating begins. */
  readonly onStep?: ((share: number, what: string) => void) | undefined;
  /** Called after each of them, with the share that is done. */
  readonly onEpoch?: ((share: number, loss: number) => void) | undefined;
  readonly command?: string | undefined;
  /** Folder of compiled modules, for what is compared on the integer engine. */
  readonly cache: string;
}

export interface Quantized {
  readonly model: Model;
  readonly calibration: Calibration;
  readonly tuning: Tuning;
}

/** What became of a fine-tune: compared on clips it was trained on, on windows that calibration did not see. */
export type Tuning =
  | { readonly kind: 'none' }
  | { readonly kind: 'lossless'; readonly calibrated: CalibrationScore }
  | {
      readonly kind: 'kept' | 'dropped';
      readonly epochs: number;
      readonly calibrated: CalibrationScore;
      readonly tuned: CalibrationScore;
    };

/** Epochs of a fine-tune with `auto`. */
const AUTO_EPOCHS = 20;
/** A calibrated network is lossless with this much agreement and no more divergence from the float one, in nats. */
const LOSSLESS = { agreement: 0.995, fromFloat: 0.002 } as const;

/**
 * A float network to the deployed model: real layers in 8 bits, binary ones as signs with integer thresholds.
 * Calibrated, and fine-tuned, on the folds it was trained on, never on the one held out.
 */
export async function quantize(options: QuantizeOptions): Promise<Quantized> {
  options.onStep?.(0, 'watching what the float network computes');
  const source = sourceOf(options);
  const scorer = new CalibrationScorer(source.network, source.clips, options.cache);
  const { model, calibration, score } = await calibrated(source, options, scorer);
  const wanted = options.fineTune ?? 0;
  if (wanted === 0) return { model, calibration, tuning: { kind: 'none' } };
  const before = score ?? (await scorer.score(model));
  if (wanted === 'auto' && isLossless(before)) {
    return { model, calibration, tuning: { kind: 'lossless', calibrated: before } };
  }
  const epochs = wanted === 'auto' ? AUTO_EPOCHS : wanted;
  const tunedModel = tuned(source, options, calibration, epochs);
  const after = await scorer.score(tunedModel);
  const kept = after.fromFloat < before.fromFloat;
  return {
    model: kept ? tunedModel : model,
    calibration,
    tuning: { kind: kept ? 'kept' : 'dropped', epochs, calibrated: before, tuned: after },
  };
}

function isLossless({ agreement, fromFloat }: CalibrationScore): boolean {
  return agreement >= LOSSLESS.agreement && fromFloat <= LOSSLESS.fromFloat;
}

/** What every way of quantizing begins with. */
interface Source {
  readonly network: TrainableNetwork;
  readonly clips: readonly Clip[];
  /** All that the network has met, these clips too; unknown where it does not say. */
  readonly seen: ClipSet | undefined;
  readonly observed: ReadonlyMap<string, Observed>;
}

function sourceOf({ from, dataset, tf }: QuantizeOptions): Source {
  const { training, parameters } = from;
  if (training.recipe.weights === 'real') {
    throw new UserError('training', `${training.net.name} ended with real weights`, {
      hint: 'it is the first of two stages: train the second with otolith train --start',
    });
  }
  const { net } = training;
  const network = new TrainableNetwork(net, parameters, new Kernels(tf));
  const wanted = { ...training, name: net.name, sampleRate: net.sampleRate };
  const clips = learntFrom(wanted, labelledFor(wanted, dataset));
  const seen = unionOf([training.clips, clipSetOf(clips)]);
  return { network, clips, seen, observed: observe(network, clips) };
}

interface Calibrated {
  readonly model: Model;
  readonly calibration: Calibration;
  /** Where calibrations were compared: the chosen one's. */
  readonly score?: CalibrationScore;
}

async function calibrated(
  { network, seen, observed }: Source,
  options: QuantizeOptions,
  scorer: CalibrationScorer,
): Promise<Calibrated> {
  const { net, parameters } = network;
  const { biasCorrection } = options;
  const make = (calibration: Calibration): Model => {
    const metadata = metadataOf(options, { calibration }, seen);
    return lower({ net, parameters, observed, calibration, biasCorrection, metadata });
  };
  const { calibration } = options;
  if (calibration !== 'auto') return { model: make(calibration), calibration };
  let best: Required<Calibrated> | undefined;
  for (const [i, choice] of CALIBRATIONS.entries()) {
    options.onStep?.(
      (i + 1) / (CALIBRATIONS.length + 1),
      `calibration ${choice}, ${i + 1} of ${CALIBRATIONS.length}`,
    );
    const model = make(choice);
    const score = await scorer.score(model);
    if (best === undefined || score.fromFloat < best.score.fromFloat)
      best = { model, calibration: choice, score };
  }
  if (best === undefined) throw new Error('no calibration');
  return best;
}

function tuned(
  { network, clips, seen, observed }: Source,
  options: QuantizeOptions,
  calibration: Calibration,
  epochs: number,
): Model {
  const { net } = network;
  const { batch, seed } = options.from.training.recipe;
  const parameters = fineTune({
    tf: options.tf,
    teacher: network,
    clips,
    simulation: simulationOf(net, observed, calibration),
    epochs,
    batch,
    seed,
    onEpoch: options.onEpoch,
  });
  const metadata = metadataOf(options, { calibration, fineTune: epochs }, seen);
  return lower({ net, parameters, observed, calibration, biasCorrection: false, metadata });
}

function metadataOf(
  { from, name, command }: QuantizeOptions,
  deployed: { readonly calibration: Calibration; readonly fineTune?: number },
  clips: ClipSet | undefined,
): LoweringOptions['metadata'] {
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
      recipe: JSON.stringify({ ...recipe, ...deployed }),
      command: [training.command, command].filter((c) => c !== undefined).join('\n'),
      ...(clips === undefined ? {} : { clips }),
    },
  };
}
