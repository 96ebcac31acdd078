import type { Command } from 'commander';

/** Adds one command (with its options and help) to the program. */
export type AddCommand = (program: Command) => void;
