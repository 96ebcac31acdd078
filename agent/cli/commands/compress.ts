import { CALIBRATION_CHOICES } from '../../lab/lowering/calibrations.ts';
import { explain, type HelpText } from '../help.ts';
import type { DeployFlags } from '../train/compress.ts';
import type { AddCommand } from './command.ts';
import { addPrune } from './compress-prune.ts';
import { whole } from './numbers.ts';

const QUANTIZE_HELP: HelpText = {
  notes: [
    'Takes the float network of every fold under <runs> (what otolith train wrote) and writes the deployed model beside it, <runs>/fold-<n>/<name>.safetensors: batch norm folded, weights in 8 bits with a scale per channel, activations in 8 bits, the window in 16. Calibrated on the clips the network was trained on; "auto" tries every calibration and takes the one nearest to the float network there.',
    '"--fine-tune" then continues the training for some epochs, computing as the 8-bit network will (rounded weights and maps, batch norm frozen), and keeps the result if it is nearer to the float network, on the clips it was trained on and on windows that calibration did not see; "auto" does so where calibration is not lossless.',
    'Classes are those of the network, taken from the data by name; data that lack one, or that hold none of the clips it was trained on, are refused.',
  ],
  examples: [
    'otolith compress quantize runs/micro --data esc10 --name qmicro-acdnet-esc10',
    'otolith evaluate runs/micro --name qmicro-acdnet-esc10 --data esc10',
  ],
};

const BINARIZE_HELP: HelpText = {
  notes: [
    'The same as quantize for an XNOR network (otolith train --form residual | paper): binary layers become signs with integer thresholds (batch norm, scale and ReLU folded in), real layers 8 bits.',
  ],
  examples: ['otolith compress binarize runs/xnor --data esc10 --name xnor-esc10'],
};

function epochsOrAuto(text: string): number | 'auto' {
  return text === 'auto' ? text : whole({ least: 1, most: 100_000 })(text);
}

export const addCompress: AddCommand = (program) => {
  const compress = program.command('compress').description('make trained networks small');
  explain(compress, {
    examples: [
      'otolith compress prune runs/micro --data esc10 --target bytes=64k --out runs/small',
      'otolith compress quantize runs/small --data esc10 --name mine',
    ],
  });
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
      .action(async (runs: string, flags: DeployFlags) =>
        (await import('../train/compress.ts')).deployRuns(command, runs, flags),
      );
    explain(deploy, help);
    if (command === 'quantize')
      deploy.option('--fine-tune <epochs>', 'quantization-aware epochs, or auto', epochsOrAuto);
  }
};
