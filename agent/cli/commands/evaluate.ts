import { explain, type HelpText } from '../help.ts';
import type { EvaluateFlags } from '../models/evaluate.ts';
import type { AddCommand } from './command.ts';
import { DATA, GROUP_OPTION } from './data-options.ts';
import { foldList } from './numbers.ts';
import { JSON_OPTION } from './shared-options.ts';

const HELP: HelpText = {
  notes: [
    'Runs a deployed model on the integer engine that ships and reports ten-crop accuracy (softmax averaged over ten evenly spaced windows of a clip), single-window accuracy over all windows, confusion matrix, recall of each class and the 95 % Wilson interval. Needs no TensorFlow.',
    'Only clips that a network was not trained on show how it will do on new sounds. Models carry fingerprints of the clips they were trained on (of what sounds, so that names, folders and containers do not matter); the report says how many of the clips those are and gives the figure without them, in --json as seen, accuracyUnseen and unseen.',
    '--scores writes what another program is checked by: windows.raw holds the windows one after the other (int16, little-endian, at the rate of the network), scores.txt has a line for each, the class with the highest score and the integer scores of all classes in their order, and windows.csv says which clip and sample each window begins at. The example of otolith compile --export prints the same lines: net/classify < windows.raw | diff - scores.txt',
    'The networks in the zoo were trained on folds 1 to 4 of ESC-10, so of ESC-50 fold 5 is new to them.',
  ],
  examples: [
    'otolith evaluate qmicro-acdnet-esc10 --data esc50 --classes S10 --folds 5',
    "otolith evaluate runs/micro --name qmicro-acdnet-esc10 --data esc10    # each fold's model on the fold it left out",
  ],
};

export const addEvaluate: AddCommand = (program) => {
  const evaluate = program
    .command('evaluate')
    .description('accuracy of a deployed model on a data set')
    .argument('<model>', 'model file or name in the zoo, or a folder of runs with a model per fold')
    .requiredOption('--data <dir>', DATA)
    .option('--classes <list>', 'S10 .. S50, or class names or numbers')
    .option(
      '--folds <list>',
      'only these: numbers, ranges (1-4), test, validation',
      foldList('test', 'validation'),
    )
    .option('--name <name>', 'with a folder of runs: the name of the model')
    .option('--zoo <dir>', 'with a folder of runs: put the model of all folds there, with its card')
    .option('--scores <dir>', 'write every window and its integer scores there')
    .option(...GROUP_OPTION)
    .option('--strict', 'refuse a data set with a corrupt or empty clip')
    .option(...JSON_OPTION)
    .action(async (model: string, flags: EvaluateFlags) =>
      (await import('../models/evaluate.ts')).runEvaluate(model, flags),
    );
  explain(evaluate, HELP);
};
