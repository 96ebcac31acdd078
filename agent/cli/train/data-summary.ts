import { printable } from '../../../protocol/printable.ts';
import { textTable } from '../../base/text-table.ts';
import type { Clip, Dataset } from '../../lab/data/dataset.ts';
import { foldName, TEST_FOLD } from '../../lab/data/listing.ts';
import { splitFolds } from '../../lab/train/initial-state.ts';
import { type FoldChoice, foldDir } from '../../lab/train/queue.ts';

/** Lines of a list that are shown; the rest is counted. */
const SHOWN = 10;

/** What a data set holds, for people: classes, clips, seconds, rates, folds, and all that was left out with the reason. */
export function dataSummary(dir: string, dataset: Dataset): readonly string[] {
  const { clips, labels, about, sampleRate } = dataset;
  const rates = about.rates.map(({ hz, clips: count }) => `${hz} Hz (${count})`).join(', ');
  const others = about.unselected > 0 ? `, ${about.unselected} of other classes not used` : '';
  return [
    `data: ${printable(dir)} (${about.layout}): ${clips.length} clips of ${labels.length} ${labels.length === 1 ? 'class' : 'classes'}, ${duration(clips, sampleRate)}${others}`,
    `rates: ${rates}; all at ${sampleRate} Hz from here on`,
    ...classTable(dataset),
    ...about.notes.map((note) => `note: ${printable(note)}`),
    ...leftOutLines(dataset),
  ];
}

/** Of those, only what was left out: for commands that say the rest themselves. */
export function leftOutLines({ skipped, about }: Dataset): readonly string[] {
  return [
    ...bounded('left out, since it cannot be used', skipped),
    ...bounded(
      'not taken',
      about.ignored.map(({ name, why }) => `${name}: ${why}`),
    ),
  ];
}

function classTable({ labels, clips, folds, sampleRate }: Dataset): readonly string[] {
  const row = (name: string, of: readonly Clip[]): readonly string[] => [
    printable(name),
    `${of.length}`,
    seconds(of, sampleRate).toFixed(1),
    ...folds.map((fold) => `${of.filter((c) => c.fold === fold).length}`),
  ];
  const rows = [
    ['class', 'clips', 'seconds', ...folds.map(foldName)],
    ...labels.map((name, label) =>
      row(
        name,
        clips.filter((c) => c.label === label),
      ),
    ),
    row('all', clips),
  ];
  return textTable(rows)
    .split('\n')
    .map((line) => `  ${line}`);
}

function seconds(clips: readonly Clip[], sampleRate: number): number {
  return clips.reduce((sum, c) => sum + c.samples.length, 0) / sampleRate;
}

function duration(clips: readonly Clip[], sampleRate: number): string {
  const all = seconds(clips, sampleRate);
  return all < 120 ? `${all.toFixed(1)} s` : `${(all / 60).toFixed(1)} min`;
}

/** A headed list of the first few, and how many there are more. */
export function bounded(what: string, items: readonly string[]): readonly string[] {
  if (items.length === 0) return [];
  const more = items.length > SHOWN ? [`  and ${items.length - SHOWN} more`] : [];
  const shown = items.slice(0, SHOWN).map((item) => `  ${printable(item)}`);
  return [`${what}: ${items.length}`, ...shown, ...more];
}

/** What each training learns from and what it leaves out. @throws UserError `training` on a fold that is not there */
export function splitLines(dataset: Dataset, folds: readonly FoldChoice[]): readonly string[] {
  return folds.map((fold) => {
    const {
      training,
      heldOut,
      folds: used,
    } = splitFolds(dataset, fold === 'all' ? undefined : fold);
    const out = foldName(fold === 'all' ? TEST_FOLD : fold);
    const measured =
      heldOut.length === 0
        ? 'none left out, so its accuracy on unseen clips will not be known'
        : `${heldOut.length} left out (${out})`;
    return `${foldDir(fold)}: ${training.length} clips to learn from (folds ${used.join(', ')}), ${measured}`;
  });
}
