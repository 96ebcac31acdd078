import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../agent/base/root.ts';
import { readBoardFile } from '../../agent/boards/board-file.ts';
import { planStages } from '../../agent/compiler/stages.ts';
import { runReference } from '../../agent/model/reference.ts';
import { KINDS } from '../vectors/operator-cases.ts';
import * as networks from '../vectors/programs.ts';
import { frontEndCases } from './front-ends.ts';
import { layerCases } from './layer-cases.ts';
import { type CaseTables, runInWasm, runOnBoard, runOnHost } from './programs.ts';

/** Compilers and emulators on a busy machine. */
const SLOW = 300_000;
/** Layers of an operator: enough for every choice of its schema, and pairs of those that have names. */
const MOST = 40;

const tables: CaseTables = new Map(KINDS.map((kind) => [kind, layerCases(kind, MOST)]));
const count = [...tables.values()].flat().length;
const board = (id: string) => readBoardFile(packageRoot, id);

describe('each kernel alone', () => {
  test.each([
    ['host C under ASan and UBSan', runOnHost],
    ['wasm', runInWasm],
    ['the DSP kernels on cortex-m4', (all: CaseTables) => runOnBoard(board('cortex-m4'), all)],
    ['the MVE kernels on cortex-m55', (all: CaseTables) => runOnBoard(board('cortex-m55'), all)],
  ])(
    '%s gives the maps of the reference',
    async (_target, run) => {
      const lines = (await run(tables)).trim().split('\n');
      const ran = lines.map((line) => Number(/^ran (\d+)$/.exec(line)?.[1] ?? 0));
      expect(lines.filter((line) => !/^ran \d+$/.test(line))).toEqual([]);
      expect(ran.reduce((a, b) => a + b)).toBe(count);
    },
    SLOW,
  );
});

describe('front ends of the shapes at which their kernels begin and end', () => {
  const cases = frontEndCases();
  const expected = cases.map(({ model, windows }) =>
    windows.map((window) => [...runReference(model, window).scores]),
  );

  test('are front ends', () => {
    for (const { model } of cases) expect(planStages(model).front?.layers).toHaveLength(3);
  });

  test.each([
    ['host C under ASan and UBSan', networks.runOnHost],
    ['wasm', networks.runInWasm],
    ['cortex-m4', (all: typeof cases) => networks.runOnBoard(board('cortex-m4'), all)],
    ['cortex-m55', (all: typeof cases) => networks.runOnBoard(board('cortex-m55'), all)],
  ])(
    'give the scores of the reference: %s',
    async (_target, run) => {
      expect(await run(cases)).toEqual(expected);
    },
    SLOW,
  );
});
