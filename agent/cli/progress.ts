import { Presets, SingleBar } from 'cli-progress';
import { printable } from '../../protocol/printable.ts';

/** Called as each of the steps begins, with what it is. */
export type Step = (what: string) => void;

/** Runs `work` under a progress bar on stderr, which only a terminal sees. */
export function withProgress<T>(steps: number, work: (step: Step) => Promise<T>): Promise<T> {
  let begun = 0;
  return withBar('{value}/{total}', steps, (update) => work((what) => update(begun++, what)));
}

/** Called with the share of the work that is done, 0 to 1, and what was reached. */
export type ShowShare = (share: number, what: string) => void;

/** The same for work whose steps nobody can count beforehand. */
export function withShare<T>(work: (show: ShowShare) => Promise<T>): Promise<T> {
  return withBar('{percentage} %', 1, work);
}

async function withBar<T>(
  count: string,
  total: number,
  work: (update: (value: number, what: string) => void) => Promise<T>,
): Promise<T> {
  if (!process.stderr.isTTY) return work(() => {});
  const format = `{bar} ${count} {what}`;
  // Ctrl-C does what it does without a bar, and finds the terminal as it was.
  const untouched = { gracefulExit: false, linewrap: true };
  const bar = new SingleBar(
    { format, stream: process.stderr, clearOnComplete: true, ...untouched },
    Presets.shades_classic,
  );
  bar.start(total, 0, { what: '' });
  try {
    return await work((value, what) => bar.update(value, { what: printable(what) }));
  } finally {
    bar.stop();
  }
}
