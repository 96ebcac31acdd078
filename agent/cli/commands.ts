import type { Command } from 'commander';
import { addConfig } from './config.ts';
import { addRun } from './run.ts';
import { addTopics } from './topics.ts';
import { addTrain } from './train.ts';

/** Adds one command (with its options and help) to the program. */
export type AddCommand = (program: Command) => void;

/** One line per command, in the order `otolith --help` shows them. */
export const commands: readonly AddCommand[] = [addRun, addConfig, addTopics, addTrain];
