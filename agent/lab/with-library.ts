import { describe, it } from 'vitest';
import { loadTensorflow, type Tf } from './tensorflow.ts';

/**
 * A group of tests that need TensorFlow. Where the library is missing one passing test says so by name, so that the
 * report of a run tells which it was.
 */
export async function libraryIfThere(): Promise<Tf | undefined> {
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
