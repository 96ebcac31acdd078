import { addBench } from './commands/bench.ts';
import { addBoards } from './commands/boards.ts';
import type { AddCommand } from './commands/command.ts';
import { addCompile } from './commands/compile.ts';
import { addCompress } from './commands/compress.ts';
import { addConfig } from './commands/config.ts';
import { addConsole } from './commands/console.ts';
import { addEmulate } from './commands/emulate.ts';
import { addEvaluate } from './commands/evaluate.ts';
import { addKeys } from './commands/keys.ts';
import { addNet } from './commands/net.ts';
import { addPush } from './commands/push.ts';
import { addRun } from './commands/run.ts';
import { addTopics } from './commands/topics.ts';
import { addTrain } from './commands/train.ts';

/** One line per command, in the order `otolith --help` shows them. */
export const commands: readonly AddCommand[] = [
  addRun,
  addConfig,
  addTopics,
  addTrain,
  addBoards,
  addPush,
  addConsole,
  addEmulate,
  addKeys,
  addCompress,
  addEvaluate,
  addNet,
  addCompile,
  addBench,
];
