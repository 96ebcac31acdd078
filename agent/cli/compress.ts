import { basename, join } from 'node:path';
import { cacheFolder } from '../engine/cache.ts';
import { UserError } from '../errors.ts';
import { loadDataset } from '../lab/data/dataset.ts';
import type { Verdict } from '../lab/deploy/judge.ts';
import { quantize, type Tuning } from '../lab/deploy/quantize.ts';
import { CALIBRATIONS } from '../lab/deploy/ranges.ts';
import { loadTensorflow } from '../lab/tensorflow.ts';
import { readCheckpoint } from '../lab/train/checkpoint.ts';
import { formatModel, writeModel } from '../model/model.ts';
import type { AddCommand } from './command.ts';
import { addPrune } from './compress-prune.ts';
import { foldFolders } from './fold-folders.ts';
import { withShare } from './progress.ts';

interface DeployFlags {
  readonly data: string;
  readonly name: string;
  readonly calibration: string;
  readonly biasCorrection: boolean;
  readonly fineTune?: string;
}

const CALIBRATION_CHOICES = ['auto', ...CALIBRATIONS] as const;

const QUANTIZE_HELP = `
Takes the float network of every fold under <runs> (what otolith train wrote) and writes the deployed model beside it,
<runs>/fold-<n>/<name>.safetensors: batch norm folded, weights in 8 bits with a scale per channel, activations in 8
bits, the window in 16. Calibrated on the clips the network was trained on; "auto" tries every calibration and takes
the one nearest to the float network there. "--fine-tune" then trains on for some epochs as the 8-bit network it is to be
(rounded weights and maps, batch norm frozen), and keeps the result if it is nearer to the float network, on the clips
it was trained on and on windows that calibration did not see; "auto" does so where calibration is not lossless.

  otolith compress quantize runs/micro --data esc10 --name qmicro-acdnet-esc10
  otolith evaluate runs/micro --name qmicro-acdnet-esc10 --data esc10`;

const BINARIZE_HELP = `
The same for an XNOR network: binary layers become signs with integer thresholds (batch norm, scale and ReLU folded
in), real layers 8 bits.

  otolith compress binarize runs/xnor --data esc10 --name xnor-esc10`;

export const addCompress: AddCommand = (program) => {
  const compress = program.command('compress').description('make trained networks small');
  addPrune(compress);
  for (const [command, description, help] of [
    ['quantize', 'float network -> deployed 8-bit model', QUANTIZE_HELP],
    ['binarize', 'XNOR network in training form -> deployed 1-bit model', BINARIZE_HELP],
  ] as const) {
    const deploy = compress
      .command(command)
      .description(description)
      .argument('<runs>', 'folder that otolith train wrote')
      .requiredOption('--data <dir>', 'the data set it was trained on')
      .requiredOption('--name <name>', 'name of the model')
      .option('--calibration <how>', CALIBRATION_CHOICES.join(', '), 'auto')
      .option('--no-bias-correction', 'leave the biases as they are')
      .addHelpText('after', help)
      .action((runs: string, flags: DeployFlags) => deployRuns(runs, flags));
    if (command === 'quantize')
      deploy.option('--fine-tune <epochs>', 'quantization-aware epochs, or auto');
  }
};

async function deployRuns(runs: string, flags: DeployFlags): Promise<void> {
  const calibration = CALIBRATION_CHOICES.find((c) => c === flags.calibration);
  if (calibration === undefined) {
    throw new UserError('option', `--calibration ${flags.calibration} is unknown`, {
      mend: `it is one of ${CALIBRATION_CHOICES.join(', ')}`,
    });
  }
  const fineTune = epochsOf(flags.fineTune);
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
        onEpoch: (share, loss) => show(share, `${basename(dir)}: loss ${loss.toFixed(3)}`),
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

/** @throws UserError `option` */
function epochsOf(text: string | undefined): number | 'auto' | undefined {
  if (text === undefined || text === 'auto') return text;
  const epochs = Number(text);
  if (Number.isInteger(epochs) && epochs > 0) return epochs;
  throw new UserError('option', `--fine-tune ${text} is neither a number of epochs nor auto`);
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
