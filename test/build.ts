import { spawnSync } from 'node:child_process';
import { packageRoot } from '../agent/root.ts';

/** tsc's exit codes that leave dist/ as the sources say: without errors, and with errors of types alone. */
const WRITTEN = [0, 2];

/**
 * Compiles what has changed before any test runs: the program that tests start (agent/cli/otolith.mjs), and the worker that
 * mixes for every training, are the JavaScript in dist/.
 */
export default function build(): void {
  const { status } = spawnSync('npx', ['--no-install', 'tsc', '-p', 'tsconfig.build.json'], {
    cwd: packageRoot,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status === null || !WRITTEN.includes(status)) throw new Error('dist/ could not be built');
}
