import type { Command } from 'commander';
import { addBench } from './commands/bench.ts';
import { addBoards } from './commands/boards.ts';
import type { AddCommand } from './commands/command.ts';
import { addCompile } from './commands/compile.ts';
import { addComplete } from './commands/complete.ts';
import { addCompletion } from './commands/completion.ts';
import { addCompress } from './commands/compress.ts';
import { addConfig } from './commands/config.ts';
import { addConsole } from './commands/console.ts';
import { addEmulate } from './commands/emulate.ts';
import { addEvaluate } from './commands/evaluate.ts';
import { addKeys } from './commands/keys.ts';
import { addListen } from './commands/listen.ts';
import { addMan } from './commands/man.ts';
import { addModels } from './commands/models.ts';
import { addNet } from './commands/net.ts';
import { addPush } from './commands/push.ts';
import { addRun } from './commands/run.ts';
import { addTopics } from './commands/topics.ts';
import { addTrain } from './commands/train.ts';

/** One line per command, in the order `otolith --help` shows them. */
const groups: readonly (readonly [heading: string, commands: readonly AddCommand[]])[] = [
  ['Listen and publish:', [addRun, addListen, addConfig, addTopics]],
  ['Boards:', [addBoards, addPush, addConsole, addEmulate, addKeys]],
  ['Networks:', [addModels, addTrain, addCompress, addEvaluate, addNet, addCompile, addBench]],
  ['The program itself:', [addCompletion, addMan, addComplete]],
];

/** Adds every command, under the heading of its group. */
export function addCommands(program: Command): void {
  for (const [heading, commands] of groups) {
    program.commandsGroup(heading);
    for (const add of commands) add(program);
  }
}
