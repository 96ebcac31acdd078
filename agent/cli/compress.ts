import { join } from 'node:path';
import { cacheFolder } from '../engine/cache.ts';
import { UserError } from '../errors.ts';
import { loadDataset } from '../lab/data/dataset.ts';
import { quantize } from '../lab/deploy/quantize.ts';
import { CALIBRATIONS } from '../lab/deploy/ranges.ts';
import { loadTensorflow } from '../lab/tensorflow.ts';
import { readCheckpoint } from '../lab/train/checkpoint.ts';
import { formatModel, writeModel } from '../model/model.ts';
import type { AddCommand } from './command.ts';
import { addPrune } from './compress-prune.ts';
import { foldFolders } from './fold-folders.ts';

interface DeployFlags {
  readonly data: string;
  readonly name: string;
  readonly calibration: string;
  readonly biasCorrection: boolean;
}

const CALIBRATION_CHOICES = ['auto', ...CALIBRATIONS] as const;

const QUANTIZE_HELP = `
Takes the float network of every fold under <runs> (what otolith train wrote) and writes the deployed model beside it,
<runs>/fold-<n>/<name>.safetensors: batch norm folded, weights in 8 bits with a scale per channel, activations in 8
bits, the window in 16. Calibrated on the clips the network was trained on; "auto" tries every calibration and takes
the one nearest to the float network there.

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
    compress
      .command(command)
      .description(description)
      .argument('<runs>', 'folder that otolith train wrote')
      .requiredOption('--data <dir>', 'the data set it was trained on')
      .requiredOption('--name <name>', 'name of the model')
      .option('--calibration <how>', CALIBRATION_CHOICES.join(', '), 'auto')
      .option('--no-bias-correction', 'leave the biases as they are')
      .addHelpText('after', help)
      .action((runs: string, flags: DeployFlags) => deployRuns(runs, flags));
  }
};

async function deployRuns(runs: string, flags: DeployFlags): Promise<void> {
  const calibration = CALIBRATION_CHOICES.find((c) => c === flags.calibration);
  if (calibration === undefined) {
    throw new UserError('option', `--calibration ${flags.calibration} is unknown`, {
      mend: `it is one of ${CALIBRATION_CHOICES.join(', ')}`,
    });
  }
  const tf = await loadTensorflow();
  const dataset = await loadDataset({ dir: flags.data, cache: cacheFolder() });
  for (const dir of await foldFolders(runs, 'network.safetensors')) {
    const { model, calibration: chosen } = await quantize({
      tf,
      from: await readCheckpoint(join(dir, 'network.safetensors')),
      dataset,
      name: flags.name,
      calibration,
      biasCorrection: flags.biasCorrection,
      cache: cacheFolder(),
      command: `otolith ${process.argv.slice(2).join(' ')}`,
    });
    const path = join(dir, `${flags.name}.safetensors`);
    await writeModel(path, model);
    console.log(`${path}: ${formatModel(model).length} bytes, ${chosen} calibration`);
  }
}
