import type { Evaluation } from '../../lab/evaluation/evaluation.ts';
import { honest, type SeenFigures } from '../../lab/evaluation/seen-figures.ts';

const percent = (x: number): string => (100 * x).toFixed(2);

/** One evaluation in a line. */
export function figuresLine(e: Evaluation): string {
  return (
    `${e.correct}/${e.clips} = ${percent(e.accuracy)} % (10 crops), ` +
    `${percent(e.singleWindowAccuracy)} % (single window)`
  );
}

/** What the figure is worth: how many of the clips the model has learnt from. */
export function seenLine({ all, seen, unseen }: SeenFigures): string {
  if (seen === undefined) {
    return 'this model does not say which clips it was trained on: on those, the figure says only that it learnt';
  }
  if (unseen === undefined) {
    return `all ${all.clips} clips were in its training: this says only that it learnt, nothing of new sounds`;
  }
  if (seen === 0) return `none of these ${all.clips} clips was in its training`;
  return `${seen} of these ${all.clips} clips were in its training and are left out; with them: ${figuresLine(all)}`;
}

/** The report as people read it: the figure first that says most of new sounds. */
export function evaluationText(
  model: string,
  labels: readonly string[],
  figures: SeenFigures,
): readonly string[] {
  const reported = honest(figures);
  if (reported === undefined) {
    const { all } = figures;
    return [`${model}: ${seenLine(figures)} (${figuresLine(all)})`, ...confusion(labels, all)];
  }
  const [low, high] = reported.interval;
  return [
    `${model}: ${figuresLine(reported)}, 95 % interval ${percent(low)} to ${percent(high)} %`,
    seenLine(figures),
    ...confusion(labels, reported),
  ];
}

function confusion(labels: readonly string[], e: Evaluation): readonly string[] {
  const width = Math.max(...labels.map((l) => l.length));
  return e.confusion.map((row, i) => {
    const counts = row.map((n) => (n === 0 ? '.' : `${n}`).padStart(4)).join('');
    const recall = e.recall[i] ?? null;
    const shown = recall === null ? 'no clips' : `recall ${percent(recall)} %`;
    return `${(labels[i] ?? '').padEnd(width)} ${counts}   ${shown}`;
  });
}

/** The report for scripts: of all clips, and of those that were not in the training. */
export function evaluationJson(figures: SeenFigures): Record<string, unknown> {
  const { all, seen, unseen } = figures;
  return {
    ...named(all),
    /** null: the model does not say. */
    seen: seen ?? null,
    accuracyUnseen: unseen?.accuracy ?? null,
    unseen: unseen === undefined ? null : named(unseen),
    note: seenLine(figures),
  };
}

function named({ interval, ...rest }: Evaluation): Record<string, unknown> {
  return { ...rest, wilson95: interval };
}
