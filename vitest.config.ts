import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

/** Folders whose tests lie beside the code. */
const ROOMS = ['agent', 'protocol'];

const testsIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.test.ts'));

/** Stands first in the unit lane's PATH: compilers, emulators and brokers that refuse. */
const REFUSING_TOOLS = join(import.meta.dirname, 'test/lanes/unit-tools');

/**
 * The lane of a test is seen from its name and place. Beside the code, `pool.test.ts` is a unit test and `pool.lab.test.ts` one
 * of the lane `lab`; below `test/`, the folder is the lane.
 */
function lanes(): TestProjectInlineConfiguration[] {
  const named = ROOMS.flatMap(testsIn).flatMap((f) => /\.([\w-]+)\.test\.ts$/.exec(f)?.[1] ?? []);
  const folders = testsIn('test').flatMap((file) => file.split('/').slice(0, 1));
  const slow = [...new Set([...named, ...folders])].toSorted();
  const beside = (ending: string): string[] => ROOMS.map((room) => `${room}/**/*${ending}`);
  return [
    {
      extends: true,
      test: {
        name: 'unit',
        include: beside('.test.ts'),
        exclude: slow.flatMap((lane) => beside(`.${lane}.test.ts`)),
        env: { PATH: `${REFUSING_TOOLS}:${process.env.PATH}` },
        globalSetup: 'test/lanes/unit-seconds.ts',
      },
    },
    ...slow.map((lane): TestProjectInlineConfiguration => {
      const include = [...beside(`.${lane}.test.ts`), `test/${lane}/**/*.test.ts`];
      return { extends: true, test: { name: lane, include } };
    }),
  ];
}

/** What a PC takes to start Node.js and end it, ms. */
const START_MS = 40;

/** How many times longer this machine takes for that: limits follow it, so that a small or emulated one passes too. */
function slowness(): number {
  const begun = performance.now();
  spawnSync(process.execPath, ['--version']);
  return Math.max(1, (performance.now() - begun) / START_MS);
}

const slow = slowness();

export default defineConfig({
  test: {
    projects: lanes(),
    testTimeout: 60_000 * slow,
    hookTimeout: 120_000 * slow,
    maxWorkers: 2,
  },
});
