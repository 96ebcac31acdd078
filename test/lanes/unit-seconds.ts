import type { TestProject } from 'vitest/node';

/** What the unit lane may take on two quiet cores, s. */
const LIMIT_S = 60;

/** Where unit tests run alone, says what all of them took, from before the first to after the last. */
export default function unitSeconds({ vitest }: TestProject): () => void {
  const begun = performance.now();
  return () => {
    if (vitest.projects.length > 1) return;
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    console.log(`unit tests: ${seconds} s (at most ${LIMIT_S} s on two quiet cores)`);
  };
}
