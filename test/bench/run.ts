import { readdir } from 'node:fs/promises';
import type { Bench } from './bench.ts';

/**
 * `npm run bench [name ...]`: wall-clock comparisons, each of two things interleaved in one run. They print ratios for
 * people to read; none of them passes or fails, so none of them is a test.
 */

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

await main(process.argv.slice(2));
