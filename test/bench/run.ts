import { readdir } from 'node:fs/promises';

/**
 * `npm run bench [name ...]`: wall-clock comparisons, each of two things interleaved in one run. They print ratios for
 * people to read; none of them passes or fails, so none of them is a test.
 */

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

async function main(wanted: readonly string[]): Promise<void> {
  const folder = new URL('.', import.meta.url);
  const names = (await readdir(folder))
    .filter((file) => file.endsWith('.bench.ts'))
    .map((file) => file.slice(0, -'.bench.ts'.length))
    .sort();
  for (const name of wanted.length > 0 ? wanted : names) {
    if (!names.includes(name)) {
      console.error(`bench: there is no "${name}"; there are ${names.join(', ')}`);
      process.exitCode = 2;
      return;
    }
    const { bench } = (await import(new URL(`${name}.bench.ts`, folder).href)) as { bench: Bench };
    console.log(`${name}: ${bench.title}`);
    await bench.run((line) => console.log(`  ${line}`));
  }
}

if (process.argv[1]?.endsWith('run.ts')) await main(process.argv.slice(2));
