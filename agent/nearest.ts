/** Levenshtein distance, for "did you mean". */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, swap);
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** Nobody mistypes more than this. */
const LONGEST = 64;
const MOST_EDITS = 2;

/** The known name that was probably meant: at most two letters off, but for case, - and _. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (name.length > LONGEST) return undefined;
  const bare = (word: string) => word.toLowerCase().replaceAll(/[-_]/g, '');
  const [closest] = known
    .map((candidate) => ({ candidate, edits: distance(bare(candidate), bare(name)) }))
    .filter(({ candidate, edits }) => edits <= MOST_EDITS && edits < bare(candidate).length)
    .toSorted((a, b) => a.edits - b.edits);
  return closest?.candidate;
}

/** Says what to write in place of an unknown name. */
export function didYouMean(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near === undefined ? `known here: ${known.join(', ')}` : `did you mean ${near}?`;
}
