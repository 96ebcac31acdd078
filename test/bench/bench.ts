/** One benchmark: a file `test/bench/<name>.bench.ts` exports one as `bench`. */
export interface Bench {
  /** What is compared, in a few words. */
  readonly title: string;
  /** Prints its lines; says plainly if something it needs is missing. */
  readonly run: (print: (line: string) => void) => Promise<void>;
}

/** Ratio of two durations over interleaved rounds: the median, and the range it came from. */
export function ratioOf(a: readonly number[], b: readonly number[]): string {
  const ratios = a.map((t, i) => t / (b[i] ?? Number.NaN)).sort((x, y) => x - y);
  const at = (q: number): string =>
    (ratios[Math.floor(q * (ratios.length - 1))] ?? Number.NaN).toFixed(2);
  return `${at(0.5)} (${at(0)} to ${at(1)}, ${ratios.length} rounds)`;
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
