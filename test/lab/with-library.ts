import { describe } from 'vitest';
import { TRAINING_ENVIRONMENT } from '../../agent/lab/train/queue.ts';
import { loadTensorflow, type Tf } from '../../agent/tape/tensorflow.ts';

async function libraryIfThere(): Promise<Tf | undefined> {
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

/** Stands where the library is missing: whatever is asked of it while tests are collected, it has and is that again. */
const absent: unknown = new Proxy(() => absent, {
  get: () => absent,
  apply: () => absent,
  has: () => true,
});

/**
 * A group of tests that need TensorFlow; skipped, each by its name, where `deploy/setup --lab` has not brought it. What
 * computes belongs into tests and hooks: it runs while tests are collected, too, with a library that does nothing.
 */
export function describeWithLibrary(name: string, tests: (tf: Tf) => void): void {
  describe.skipIf(tf === undefined)(name, () => tests(tf ?? (absent as Tf)));
}
