import { describe, it } from 'vitest';
import { loadTensorflow, type Tf } from './tensorflow.ts';
import { TRAINING_ENVIRONMENT } from './train/queue.ts';

/**
 * A group of tests that need TensorFlow. Where the library is missing one passing test says so by name, so that the
 * report of a run tells which it was.
 */
export async function libraryIfThere(): Promise<Tf | undefined> {
  // One thread, so that a test's numbers repeat.
  const { TF_NUM_INTRAOP_THREADS, TF_NUM_INTEROP_THREADS } = TRAINING_ENVIRONMENT;
  Object.assign(process.env, { TF_NUM_INTRAOP_THREADS, TF_NUM_INTEROP_THREADS });
  try {
    return await loadTensorflow();
  } catch {
    return undefined;
  }
}

const tf = await libraryIfThere();

export function describeWithLibrary(name: string, tests: (tf: Tf) => void): void {
  describe(name, () => {
    if (tf === undefined) it('skipped: run deploy/setup --lab', () => {});
    else tests(tf);
  });
}
