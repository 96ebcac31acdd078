import { Argument } from 'commander';
import { SHELLS, type Shell } from '../completion/shells.ts';
import { explain } from '../help.ts';
import type { AddCommand } from './command.ts';

/** `otolith completion <shell>` */
export const addCompletion: AddCommand = (program) => {
  const completion = program
    .command('completion')
    .description('print what makes a shell complete commands, options, networks and boards')
    .addArgument(new Argument('<shell>', 'the shell').choices([...SHELLS]))
    .action(async (shell: Shell) => {
      const { completionScript } = await import('../completion/scripts.ts');
      process.stdout.write(completionScript(shell));
    });
  explain(completion, {
    examples: [
      'source <(otolith completion bash)                                             # bash, for this shell',
      'otolith completion bash > ~/.local/share/bash-completion/completions/otolith  # for later shells',
      'otolith completion zsh > ~/.zfunc/_otolith     # in ~/.zshrc, before compinit: fpath+=~/.zfunc',
      'otolith completion fish > ~/.config/fish/completions/otolith.fish',
    ],
  });
};
