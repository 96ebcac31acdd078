import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../agent/base/errors.ts';
import { Random, randomSamples } from '../../agent/base/random.ts';
import { packageRoot } from '../../agent/base/root.ts';
import { readBoardFile } from '../../agent/boards/board-file.ts';
import { readModel, windowSamplesOf } from '../../agent/model/model.ts';
import { runReference } from '../../agent/model/reference.ts';
import { type Case, runInWasm, runOnBoard, type Scores } from './programs.ts';

const zoo = join(packageRoot, 'agent/zoo');

/** The deployed models that ship; a float network beside them is none. */
async function shipped(): Promise<readonly Case[]> {
  const files = readdirSync(zoo).filter((name) => name.endsWith('.safetensors'));
  const cases: Case[] = [];
  for (const file of files) {
    try {
      const model = await readModel(join(zoo, file));
      const count = windowSamplesOf(model);
      cases.push({ model, windows: [randomSamples(new Random(2), count)] });
    } catch (error) {
      if (!(error instanceof UserError && file.includes('-float'))) throw error;
    }
  }
  return cases;
}

const board = (id: string) => (cases: readonly Case[]) =>
  runOnBoard(readBoardFile(packageRoot, id), cases);
const targets: Readonly<Record<string, (cases: readonly Case[]) => Promise<Scores>>> = {
  wasm: runInWasm,
  'cortex-m4': board('cortex-m4'),
  'cortex-m55': board('cortex-m55'),
};

describe.each(Object.entries(targets))('trained networks on %s', (_target, run) => {
  test('give the integers of the reference', async () => {
    const cases = await shipped();
    expect(cases.length).toBeGreaterThan(0);
    for (const one of cases) {
      const expected = one.windows.map((w) => [...runReference(one.model, w).scores]);
      expect(await run([one]), one.model.metadata.name).toEqual([expected]);
    }
  }, 600_000);
});
