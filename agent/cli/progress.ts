import { Presets, SingleBar } from 'cli-progress';

/** Called as each of the steps begins, with what it is. */
export type Step = (what: string) => void;

/** Runs `work` under a progress bar on stderr, which only a terminal sees. */
export async function withProgress<T>(steps: number, work: (step: Step) => Promise<T>): Promise<T> {
  if (!process.stderr.isTTY) return work(() => {});
  const bar = new SingleBar(
    { format: '{bar} {value}/{total} {what}', stream: process.stderr, clearOnComplete: true },
    Presets.shades_classic,
  );
  let begun = 0;
  bar.start(steps, 0, { what: '' });
  try {
    return await work((what) => bar.update(begun++, { what }));
  } finally {
    bar.stop();
  }
}
