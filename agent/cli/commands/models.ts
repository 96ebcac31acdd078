import { explain } from '../help.ts';
import type { ModelsOptions } from '../models/models.ts';
import type { AddCommand } from './command.ts';
import { CONFIG_OPTION } from './shared-options.ts';

/** `otolith models` */
export const addModels: AddCommand = (program) => {
  const models = program
    .command('models')
    .description('list deployed networks, of the zoo and your own: accuracy, size, what they know')
    .argument(
      '[places...]',
      'model files, or folders to look through (default: runs, if it is here)',
    )
    .option(...CONFIG_OPTION)
    .option('--json', 'one JSON array for scripts')
    .action(async (places: readonly string[], options: ModelsOptions) =>
      (await import('../models/models.ts')).listModels(places, options),
    );
  explain(models, {
    notes: [
      'Accuracy is the cross-validated one that the file carries: each fold left out once, ten crops of a clip, with its 95 % interval; a network that was never measured so shows none. Networks that the configuration names are listed too.',
    ],
    examples: [
      'otolith models',
      'otolith models runs/micro mine.safetensors',
      'otolith models --json',
    ],
  });
};
