import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { slownessAt } from './agent/base/slowness.ts';

/** Folders whose tests lie beside the code. */
const ROOMS = ['agent', 'protocol'];

const testsIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.test.ts'));

/** Stands first in the unit lane's PATH: compilers, emulators and brokers that refuse. */
const REFUSING_TOOLS = join(import.meta.dirname, 'test/lanes/unit-tools');

/** Of one test and of one hook, ms. */
interface Limits {
  readonly testTimeout: number;
  readonly hookTimeout: number;
}

/**
 * The lane of a test is seen from its name and place. Beside the code, `pool.test.ts` is a unit test and `pool.lab.test.ts` one
 * of the lane `lab`; below `test/`, the folder is the lane.
 */
function lanes(limits: Limits): TestProjectInlineConfiguration[] {
  const named = ROOMS.flatMap(testsIn).flatMap((f) => /\.([\w-]+)\.test\.ts$/.exec(f)?.[1] ?? []);
  const folders = testsIn('test').flatMap((file) => file.split('/').slice(0, 1));
  const slow = [...new Set([...named, ...folders])].toSorted();
  const beside = (ending: string): string[] => ROOMS.map((room) => `${room}/**/*${ending}`);
  return [
    {
      test: {
        ...limits,
        name: 'unit',
        include: beside('.test.ts'),
        exclude: slow.flatMap((lane) => beside(`.${lane}.test.ts`)),
        env: { PATH: `${REFUSING_TOOLS}:${process.env.PATH}` },
        globalSetup: 'test/lanes/unit-seconds.ts',
        // Modules are loaded once for all files, which saves a third of the time: what a test changes is changed back.
        isolate: false,
        restoreMocks: true,
        unstubEnvs: true,
        unstubGlobals: true,
      },
    },
    ...slow.map((lane): TestProjectInlineConfiguration => {
      const include = [...beside(`.${lane}.test.ts`), `test/${lane}/**/*.test.ts`];
      return { test: { ...limits, name: lane, include } };
    }),
  ];
}

/** What a PC takes to start Node.js and end it, ms. */
const START_MS = 40;

/** A small or emulated machine gets longer ones, so that it passes too. */
async function limits(): Promise<Limits> {
  const start = () => promisify(execFile)(process.execPath, ['--version']);
  const slowness = await slownessAt(start, START_MS);
  return { testTimeout: 60_000 * slowness, hookTimeout: 120_000 * slowness };
}

export default defineConfig({ test: { projects: lanes(await limits()), maxWorkers: 2 } });
