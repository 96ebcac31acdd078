import { addBench } from './bench.ts';
import { addBoards } from './boards.ts';
import type { AddCommand } from './command.ts';
import { addCompile } from './compile.ts';
import { addCompress } from './compress.ts';
import { addConfig } from './config.ts';
import { addConsole } from './console.ts';
import { addEmulate } from './emulate.ts';
import { addEvaluate } from './evaluate.ts';
import { addKeys } from './keys.ts';
import { addNet } from './net.ts';
import { addPush } from './push.ts';
import { addRun } from './run.ts';
import { addTopics } from './topics.ts';
import { addTrain } from './train.ts';

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
