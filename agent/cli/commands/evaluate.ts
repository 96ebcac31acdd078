import type { EvaluateFlags } from '../evaluate.ts';
import type { AddCommand } from './command.ts';
import { DATA, GROUP_OPTION } from './data-options.ts';
import { foldList } from './numbers.ts';

const HELP = `
Runs a deployed model on the integer engine that ships and reports ten-crop accuracy (softmax averaged over ten evenly
spaced windows of a clip), single-window accuracy over all windows, confusion matrix, recall of each class and the
95 % Wilson interval. Needs no TensorFlow.

  otolith evaluate qmicro-acdnet-esc10 --data esc10 --folds 4
  otolith evaluate runs/micro --name qmicro-acdnet-esc10 --data esc10    # each fold's model on the fold it left out`;

export const addEvaluate: AddCommand = (program) => {
  program
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
    .option(...GROUP_OPTION)
    .option('--strict', 'refuse a data set with a corrupt or empty clip')
    .option('--json', 'for scripts')
    .addHelpText('after', HELP)
    .action(async (model: string, flags: EvaluateFlags) =>
      (await import('../evaluate.ts')).runEvaluate(model, flags),
    );
};
