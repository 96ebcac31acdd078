import { distance } from 'fastest-levenshtein';

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
