import { basename, join } from 'node:path';
import { cacheFolder } from '../engine/cache.ts';
import { UserError } from '../errors.ts';
import { loadDataset } from '../lab/data/dataset.ts';
import { CALIBRATION_CHOICES } from '../lab/deploy/calibrations.ts';
import type { Verdict } from '../lab/deploy/judge.ts';
import { quantize, type Tuning } from '../lab/deploy/quantize.ts';
import { loadTensorflow } from '../lab/tensorflow.ts';
import { readCheckpoint } from '../lab/train/checkpoint.ts';
import { formatModel, writeModel } from '../model/model.ts';
import { foldFolders } from './fold-folders.ts';
import { type ShowShare, withShare } from './progress.ts';

export interface DeployFlags {
  readonly data: string;
  readonly name: string;
  readonly calibration: string;
  readonly biasCorrection: boolean;
  readonly fineTune?: number | 'auto';
}

/** `otolith compress quantize` and `binarize` */
export async function deployRuns(runs: string, flags: DeployFlags): Promise<void> {
  const calibration = CALIBRATION_CHOICES.find((c) => c === flags.calibration);
  if (calibration === undefined) {
    throw new UserError('option', `--calibration ${flags.calibration} is unknown`, {
      mend: `it is one of ${CALIBRATION_CHOICES.join(', ')}`,
    });
  }
  const { fineTune } = flags;
  const tf = await loadTensorflow();
  const dataset = await loadDataset({ dir: flags.data, cache: cacheFolder() });
  for (const dir of await foldFolders(runs, 'network.safetensors')) {
    const from = await readCheckpoint(join(dir, 'network.safetensors'));
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

function tuningFacts(tuning: Tuning): readonly string[] {
  const facts = ({ agreement, fromFloat }: Verdict): string =>
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
