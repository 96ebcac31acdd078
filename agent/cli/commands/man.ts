import { explain } from '../help.ts';
import type { AddCommand } from './command.ts';

/** `otolith man` */
export const addMan: AddCommand = (program) => {
  const man = program
    .command('man')
    .description('print the manual page (roff)')
    .action(async () => {
      const { manPage } = await import('../man.ts');
      process.stdout.write(manPage(program));
    });
  explain(man, {
    examples: ['otolith man | man -l -', 'otolith man > /usr/local/share/man/man1/otolith.1'],
  });
};
