import type { AddCommand } from './command.ts';

/** `otolith complete`: what shells ask at every press of the tabulator key. */
export const addComplete: AddCommand = (program) => {
  program
    .command('complete', { hidden: true })
    .description('for shells: a line for everything that may stand in place of the last word')
    .argument('[words...]', 'after --: the command line without the program, up to the cursor')
    .action(async (words: readonly string[]) =>
      (await import('../completion/complete.ts')).printCandidates(program, words),
    );
};
