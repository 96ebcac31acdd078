import { packageRoot } from '../../base/root.ts';
import { boardIds } from '../../boards/board-ids.ts';
import { explain, type HelpText } from '../help.ts';
import type { CompileFlags } from '../models/compile.ts';
import type { AddCommand } from './command.ts';
import { JSON_OPTION } from './shared-options.ts';

const HELP: HelpText = {
  notes: [
    'Prints what the model becomes, layer by layer: the stage that runs it, its output, multiply-accumulates, weights, where its output lies in the arena, and scratch memory. The same model always gives the same C and the same bytes.',
    'An export stands alone: C, headers, an example, Makefile, CMake, a Zephyr module, and a known-answer test. It replaces an earlier export that nobody changed, and no other file.',
  ],
  examples: [
    'otolith compile qmicro-acdnet-esc10 --board cortex-m4 --source qmicro.c',
    'otolith compile qmicro.safetensors --wasm -o qmicro.wasm',
    'otolith compile qmicro.safetensors --target portable --source qmicro.c    # any compiler, any processor',
    'otolith compile qmicro.safetensors --target cortex-m4 --export qmicro     # for a firmware of your own',
  ],
};

/** `otolith compile <model>` */
export const addCompile: AddCommand = (program) => {
  const compile = program
    .command('compile')
    .description('compile a model for a board or for the gateway, and show its layers')
    .argument('<model>', 'a deployed model: its file or its name in the zoo')
    .option('--board <id>', `for a board: ${boardIds(packageRoot).join(', ')}`)
    .option('--wasm', 'for the gateway')
    .option('--target <name>', 'for a processor of your own: portable, or a core such as cortex-m4')
    .option('-o, --output <file>', 'write the object file, or the WebAssembly module')
    .option('--source <file>', 'write the generated C')
    .option('--export <folder>', 'write a folder with all that a program of your own needs')
    .option(...JSON_OPTION)
    .action(async (model: string, flags: CompileFlags) =>
      (await import('../models/compile.ts')).compile(model, flags),
    );
  explain(compile, HELP);
};
