import { UserError } from '../../base/errors.ts';
import type { ClipFile } from './listing.ts';

/** Class subsets of ESC-50 in "Pruning vs XNOR-Net"; each holds the one before. S10 is ESC-10. */
const S10 = [0, 10, 11, 20, 38, 21, 40, 41, 1, 12];
const S20 = [...S10, 5, 31, 18, 27, 48, 8, 15, 45, 25, 34];
const S30 = [...S20, 3, 14, 23, 36, 43, 7, 22, 28, 30, 49];
const S40 = [...S30, 6, 9, 16, 17, 24, 29, 32, 35, 37, 44];
const PRESETS: ReadonlyMap<string, readonly number[]> = new Map([
  ['S10', S10],
  ['S20', S20],
  ['S30', S30],
  ['S40', S40],
  ['S50', Array.from({ length: 50 }, (_, i) => i)],
]);

/**
 * Keeps the clips of some classes: a preset (S10 .. S50), a comma-separated list of class names or numbers, or names.
 * @throws UserError `data` naming what is not in the data set.
 */
export function selectClasses(
  clips: readonly ClipFile[],
  selection: string | readonly string[] | undefined,
): readonly ClipFile[] {
  if (selection === undefined) return clips;
  if (typeof selection !== 'string') return clips.filter((c) => selection.includes(c.category));
  const preset = PRESETS.get(selection.toUpperCase());
  const wanted = preset?.map(String) ?? selection.split(',').map((word) => word.trim());
  const missing = wanted.filter(
    (word) => !clips.some((c) => c.category === word || String(c.target) === word),
  );
  if (missing.length > 0) {
    throw new UserError('data', `the data set has no class ${missing.join(', ')}`, {
      hint: `it has ${[...new Set(clips.map((c) => c.category))].join(', ')}`,
    });
  }
  return clips.filter((c) => wanted.includes(c.category) || wanted.includes(String(c.target)));
}
