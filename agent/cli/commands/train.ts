import { Option } from 'commander';
import { NET_NAMES } from '../../nets/presets.ts';
import { explain, type HelpText } from '../help.ts';
import type { TrainFlags } from '../train/train-flags.ts';
import type { AddCommand } from './command.ts';
import { DATA, GROUP_OPTION } from './data-options.ts';
import { foldList, real, whole, wholeList } from './numbers.ts';

const CHANNELS = { least: 1, most: 4096 };
/** Train on everything. */
const ALL: readonly ['all'] = ['all'];

const HELP: HelpText = {
  notes: [
    'Trains a network on between-class mixtures and leaves, per fold, <out>/fold-<n>/network.safetensors (float) with its curves (report.html). "--folds 1,2,3,4,all" leaves out each fold in turn and then trains on everything; the result is the network after the last epoch, never one chosen by the fold left out. Killed at any time, the same command continues from the last whole epoch. Needs TensorFlow, which setting up a clone with --lab brings.',
    'With --net mel-cnn, mel-acdnet or mel-lstm, the network reads a log-mel spectrogram. There --mixture-epochs 40 keeps the spectrograms of 40 epochs of mixtures in memory (19 KB a window), with the scores of the teachers where computing those is most of the work. Of several teachers the mean counts.',
    'An XNOR network may learn in two stages, binary activations under real weights first (--stage activations), and end in averaged weights (--average). Then: otolith compress quantize | binarize | prune, otolith evaluate.',
  ],
  examples: [
    'otolith train --data esc10 --net micro-acdnet --epochs 600 --folds 1,2,3,4,all --jobs 2 --out runs/micro',
    'otolith train --data esc10 --form residual --channels 8,16,16,32,32,32,32,64,64,96,96 --conv12 48 \\\n    --teacher runs/micro --distill 0.7 --folds 1,2,3,4,all --jobs 2 --out runs/xnor',
    'otolith train --data esc10 --net mel-acdnet --form residual --teacher runs/micro,runs/mel --epochs 400 --batch 32 \\\n    --mixture-epochs 100 --folds 1,2,3,4,all --jobs 2 --out runs/mel-xnor',
    'otolith train --data esc10 --net mel-lstm --units 64 --folds 1,2,3,4,all --jobs 2 --out runs/lstm',
    'otolith train --data esc10 --form residual --stage activations --epochs 240 --folds 1 --out runs/first',
    'otolith train --data esc10 --form residual --start runs/first --average 0.998 --folds 1 --out runs/second',
  ],
};

export const addTrain: AddCommand = (program) => {
  const train = program
    .command('train')
    .description('train a network on a data set, fold by fold')
    .requiredOption('--data <dir>', DATA)
    .requiredOption('--out <dir>', 'folder of the runs')
    .option('--net <name>', NET_NAMES.join(', '), 'micro-acdnet')
    .addOption(
      new Option('--form <form>', 'real, paper (XNOR as published) or residual (XNOR)')
        .choices(['real', 'paper', 'residual'])
        .default('real'),
    )
    .option(
      '--channels <list>',
      "channels of conv1..conv11 (mel-acdnet: conv3..conv11; mel-cnn: all), in place of --net's",
      wholeList(CHANNELS),
    )
    .option('--conv12 <n>', 'channels of conv12', whole(CHANNELS))
    .option('--units <n>', "units of mel-lstm's recurrent layer", whole(CHANNELS))
    .option(
      '--real-convs <list>',
      'convolutions that stay real in an XNOR network',
      wholeList({ least: 1 }),
    )
    .option('--name <name>', 'name of the network')
    .option('--classes <list>', 'S10 .. S50, or class names or numbers')
    .option(...GROUP_OPTION)
    .option('--strict', 'refuse a data set with a corrupt or empty clip')
    .option(
      '--folds <list>',
      'folds to leave out, or "all" to train on everything',
      foldList('all'),
      ALL,
    )
    .option(
      '--jobs <n>',
      'folds to train at once, one thread each',
      whole({ least: 1, most: 64 }),
      1,
    )
    .option('--epochs <n>', 'passes over the training clips', whole({ least: 1 }))
    .option('--learning-rate <x>', 'default: that of the recipe for the form', real({ above: 0 }))
    .option('--batch <n>', 'windows of one step', whole({ least: 2 }), 64)
    .addOption(new Option('--schedule <s>', 'of the learning rate').choices(['cosine', 'steps']))
    .option('--seed <n>', 'same seed, same weights', whole(), 1)
    .option(
      '--teacher <runs>',
      'runs of float networks to distil from, fold by fold (their mean, where several: a,b)',
    )
    .option(
      '--distill <share>',
      'share of the target that comes from the teacher',
      real({ least: 0, most: 1 }),
      0.7,
    )
    .option('--front <runs>', 'runs of a float network whose 1-D front is taken over')
    .option('--start <runs>', 'runs whose weights to begin with (a second stage)')
    .option(
      '--front-epochs <n>',
      'epochs in which the 1-D front learns (default: all; with --front: none)',
      whole(),
    )
    .option(
      '--mixture-epochs <n>',
      'epochs with new mixtures, which are then repeated (default: all)',
      whole({ least: 1 }),
    )
    .option(
      '--average <decay>',
      'save the moving average of all weights, with this decay at each step, e.g. 0.998',
      real({ above: 0, below: 1 }),
    )
    .option('--stage <stage>', 'activations: the first of two stages of an XNOR network')
    .option(
      '--evaluate-every <n>',
      'epochs between evaluations on the clips left out (display only; default: about twenty in a training)',
      whole({ least: 1 }),
    )
    .action(async (flags: TrainFlags) => (await import('../train/train.ts')).runTrain(flags));
  explain(train, HELP);
};
