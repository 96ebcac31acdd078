import { Option } from 'commander';
import { NET_NAMES } from '../../nets/presets.ts';
import { explain, type HelpText } from '../help.ts';
import type { NewFlags } from '../models/net.ts';
import type { AddCommand } from './command.ts';
import { whole, wholeList } from './numbers.ts';

const HELP: HelpText = {
  notes: [
    'The weights are random and the file says so: such a model shows what a network costs, not what it recognises.',
  ],
  examples: [
    'otolith net new micro-acdnet -o qmicro.safetensors',
    'otolith net new mel-lstm --units 64 -o lstm.safetensors',
    'otolith net new acdnet --xnor residual --channels 8,16,16,32,32,32,32,64,64,96,96 --conv12 48 -o xnor.safetensors',
  ],
};

/** `otolith net new` */
export const addNet: AddCommand = (program) => {
  const net = program.command('net').description('make networks');
  explain(net, { examples: HELP.examples.slice(0, 1) });
  const made = net
    .command('new')
    .description('a model of a known architecture with random weights, for measuring its cost')
    .argument('<network>', NET_NAMES.join(', '))
    .requiredOption('-o, --output <file>', 'the model file to write')
    .addOption(
      new Option(
        '--xnor <form>',
        'binary convolutions: as published, or in residual blocks',
      ).choices(['paper', 'residual']),
    )
    .option(
      '--channels <list>',
      'channels of conv1 to conv11 (mel-acdnet: conv3 to conv11; mel-cnn: any number)',
      wholeList({ least: 1, most: 4096 }),
    )
    .option('--conv12 <n>', 'channels of conv12', whole({ least: 1, most: 4096 }))
    .option('--units <n>', "units of mel-lstm's recurrent layer", whole({ least: 1, most: 4096 }))
    .option('--classes <n>', 'classes', whole({ least: 2, most: 1000 }), 10)
    .option('--random <seed>', 'seed of the weights: same seed, same file', whole(), 1)
    .option('--name <name>', 'name of the model')
    .action(async (network: string, flags: NewFlags) =>
      (await import('../models/net.ts')).newNet(network, flags),
    );
  explain(made, HELP);
};
