import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../base/root.ts';
import { readBoardFile } from '../boards/board-file.ts';
import { boardIds } from '../boards/board-ids.ts';
import { applicationPlan } from '../build/firmware-plans.ts';
import { type BuildPlan, compileSteps, NAMED_CONTEXT } from '../build/plan.ts';
import { planOf } from '../compiler/build.ts';
import { readModel } from '../model/model.ts';
import { programFor } from './emulated-program.ts';

/** How a plan compiles its generated C, without file and object. */
function howGenerated(plan: BuildPlan): readonly string[] {
  const step = compileSteps(plan, NAMED_CONTEXT).find(({ origin }) => origin === 'generated');
  if (step === undefined) throw new Error('the plan has no generated C');
  const { tool, args } = step.command;
  return [tool, ...args.filter((word) => word !== step.object && word !== step.source)];
}

const model = await readModel(join(packageRoot, 'agent/zoo/xnor-esc10.safetensors'));

test.each(boardIds(packageRoot))('what is measured on %s is compiled as what ships', (id) => {
  const board = readBoardFile(packageRoot, id);
  const shipped = howGenerated(applicationPlan(board, ['build/model.c']));
  const modelDefines = ['-DOTO_PROFILE'];
  const program = { models: [model], sources: ['firmware/bench/bench.c'], modelDefines };
  const measured = howGenerated(planOf(programFor(board, program)));
  expect(measured.filter((word) => word !== '-DOTO_PROFILE')).toEqual(shipped);
});
