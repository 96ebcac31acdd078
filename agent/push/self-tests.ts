import { benchWindow } from '../../protocol/vendor.ts';
import { CompiledModel } from '../engine/compiled-model.ts';
import type { Model } from '../model/model.ts';
import type { SelfTest } from './push.ts';

/** Seeds of the windows a new firmware must get right before it is confirmed. */
const SELF_TEST_SEEDS = [1, 2] as const;

/** The integers a board must return for built-in windows: those of the same model compiled to WebAssembly. */
export async function selfTestsOf(
  model: Model,
  cache: string,
  signal: AbortSignal,
): Promise<readonly SelfTest[]> {
  const compiled = await CompiledModel.load(model, { cache, signal });
  return SELF_TEST_SEEDS.map((seed) => {
    const { scores } = compiled.run(benchWindow(seed, compiled.windowSamples));
    return { seed, scores: Array.from(scores) };
  });
}
