import { basename, join } from 'node:path';
import { UserError } from '../../base/errors.ts';
import { cacheFolder } from '../../base/root.ts';
import type { CalibrationScore } from '../../lab/lowering/calibration-score.ts';
import { CALIBRATION_CHOICES } from '../../lab/lowering/calibrations.ts';
import { quantize, type Tuning } from '../../lab/lowering/quantize.ts';
import type { Training } from '../../lab/train/checkpoint.ts';
import { formatModel, writeModel } from '../../model/model.ts';
import { isBinary } from '../../nets/traits.ts';
import { loadTensorflow } from '../../tape/tensorflow.ts';
import { dataOf, networksOf } from '../models/network-data.ts';
import { type ShowShare, withShare } from '../progress.ts';

export interface DeployFlags {
  readonly data: string;
  readonly name: string;
  readonly calibration: string;
  readonly biasCorrection: boolean;
  readonly fineTune?: number | 'auto';
}

/** What deploys the networks of a folder: one command for each kind, so that nobody gets the other unawares. */
export type Deploying = 'quantize' | 'binarize';

/** `otolith compress quantize` and `binarize` */
export async function deployRuns(how: Deploying, runs: string, flags: DeployFlags): Promise<void> {
  const calibration = CALIBRATION_CHOICES.find((c) => c === flags.calibration);
  if (calibration === undefined) {
    throw new UserError('option', `--calibration ${flags.calibration} is unknown`, {
      hint: `it is one of ${CALIBRATION_CHOICES.join(', ')}`,
    });
  }
  const { fineTune } = flags;
  const networks = await networksOf(runs, (training, dir) => refuseOtherKind(how, training, dir));
  const tf = await loadTensorflow();
  const data = dataOf(flags.data);
  for (const { dir, from } of networks) {
    const dataset = await data(from.training);
    const {
      model,
      calibration: chosen,
      tuning,
    } = await withShare((show) =>
      quantize({
        tf,
        from,
        dataset,
        name: flags.name,
        calibration,
        biasCorrection: flags.biasCorrection,
        fineTune,
        onStep: (share, what) => step(show, share, `${basename(dir)}: ${what}`),
        onEpoch: (share, loss) => step(show, share, `${basename(dir)}: loss ${loss.toFixed(3)}`),
        cache: cacheFolder(),
        command: `otolith ${process.argv.slice(2).join(' ')}`,
      }),
    );
    const path = join(dir, `${flags.name}.safetensors`);
    await writeModel(path, model);
    const facts = [`${formatModel(model).length} bytes`, `${chosen} calibration`];
    console.log(`${path}: ${[...facts, ...tuningFacts(tuning)].join(', ')}`);
  }
}

/** On a bar where there is a terminal, else as a line. */
function step(show: ShowShare, share: number, what: string): void {
  show(share, what);
  if (!process.stderr.isTTY) console.error(what);
}

/** @throws UserError `training` that names the command for the network's kind */
function refuseOtherKind(how: Deploying, { net }: Training, dir: string): void {
  const binary = isBinary(net);
  if (binary === (how === 'binarize')) return;
  throw binary
    ? new UserError('training', `${dir}: ${net.name} is an XNOR network`, {
        hint: 'otolith compress binarize deploys it',
      })
    : new UserError('training', `${dir}: ${net.name} has real weights alone, nothing to binarize`, {
        hint: 'otolith compress quantize makes 8 bits of it; otolith train --form residual | paper trains an XNOR network',
      });
}

function tuningFacts(tuning: Tuning): readonly string[] {
  const facts = ({ agreement, fromFloat }: CalibrationScore): string =>
    `${(100 * agreement).toFixed(1)} % agree with the float network, ${fromFloat.toFixed(4)} nats from it`;
  switch (tuning.kind) {
    case 'none':
      return [];
    case 'lossless':
      return [`as good as lossless (${facts(tuning.calibrated)})`];
    case 'kept':
    case 'dropped': {
      const { epochs, calibrated, tuned } = tuning;
      return [
        `fine-tune of ${epochs} epochs ${tuning.kind}`,
        `calibrated: ${facts(calibrated)}`,
        `fine-tuned: ${facts(tuned)}`,
      ];
    }
  }
}
