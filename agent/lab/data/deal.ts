/** What is dealt: a clip by its class and the recording it was cut from. */
export interface Dealt {
  readonly category: string;
  readonly recording: string;
}

/** Folds dealt to a data set that brings none. */
export const AUTOMATIC_FOLDS = 5;

/**
 * Deals clips into folds, from 1: all of a recording into one, and each class as evenly as its recordings allow. The
 * same names give the same folds.
 */
export function dealFolds(clips: readonly Dealt[], folds = AUTOMATIC_FOLDS): readonly number[] {
  const groups = new Map<string, number[]>();
  clips.forEach(({ recording }, i) => {
    const members = groups.get(recording);
    if (members === undefined) groups.set(recording, [i]);
    else members.push(i);
  });
  const counts = new Map<string, number[]>();
  const countsOf = (i: number): number[] => {
    const category = clips[i]?.category ?? '';
    const known = counts.get(category) ?? new Array<number>(folds).fill(0);
    counts.set(category, known);
    return known;
  };
  const totals = new Array<number>(folds).fill(0);
  const out = new Array<number>(clips.length).fill(1);
  // The largest first, so that small ones even it out; sorting keeps the order of names otherwise.
  for (const members of [...groups.values()].sort((a, b) => b.length - a.length)) {
    const weight = (fold: number): number =>
      members.reduce((sum, i) => sum + (countsOf(i)[fold] ?? 0), 0) + (totals[fold] ?? 0) * 1e-6;
    const weights = totals.map((_, fold) => weight(fold));
    const fold = weights.indexOf(Math.min(...weights));
    for (const i of members) {
      const own = countsOf(i);
      own[fold] = (own[fold] ?? 0) + 1;
      out[i] = fold + 1;
    }
    totals[fold] = (totals[fold] ?? 0) + members.length;
  }
  return out;
}

/** What one should know of how clips were dealt: classes with too few recordings. */
export function dealingNotes(
  clips: readonly Dealt[],
  rule: string,
  folds = AUTOMATIC_FOLDS,
): readonly string[] {
  const recordings = new Map<string, Set<string>>();
  for (const { category, recording } of clips) {
    recordings.set(category, (recordings.get(category) ?? new Set()).add(recording));
  }
  const all = new Set(clips.map((c) => c.recording)).size;
  const scarce = [...recordings]
    .filter(([, found]) => found.size < folds)
    .map(([category, found]) => {
      const count = `${found.size} recording${found.size === 1 ? '' : 's'}`;
      return `${category} has ${count} for ${folds} folds: some folds hold none of it`;
    });
  return [
    `${clips.length} clips of ${all} recordings were dealt into ${folds} folds, each recording into one (${rule}; --group <regex> says otherwise)`,
    ...scarce,
  ];
}
