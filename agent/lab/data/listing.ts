import { z } from 'zod';
import type { Ignored } from '../../audio/folder-contents.ts';
import { UserError } from '../../base/errors.ts';

/** One clip of a data set on disk. */
export interface ClipFile {
  /** Path below the data set's folder. */
  readonly name: string;
  readonly path: string;
  /** The data set's own fold or one dealt here, from 1; TEST_FOLD and VALIDATION_FOLD are never trained on. */
  readonly fold: number;
  /** Class as the data set numbers it. */
  readonly target: number;
  readonly category: string;
}

/** Fold of the clips of a test split. */
export const TEST_FOLD = 0;
/** Fold of the clips of a validation split, where there is a test split besides. */
export const VALIDATION_FOLD = -1;

/** What people call a fold. */
export function foldName(fold: number): string {
  if (fold === TEST_FOLD) return 'test split';
  return fold === VALIDATION_FOLD ? 'validation split' : `fold ${fold}`;
}

/** The folds to measure a network by, of those it was not trained on: its own fold left out, else the test split. */
export function foldsToMeasure(unseen: readonly number[]): readonly number[] {
  const leftOut = unseen.filter((fold) => fold > TEST_FOLD);
  if (leftOut.length > 0) return leftOut;
  return unseen.includes(TEST_FOLD) ? [TEST_FOLD] : unseen;
}

/** What a folder holds. */
export interface Listing {
  /** How it is laid out, for people. */
  readonly layout: string;
  readonly clips: readonly ClipFile[];
  readonly ignored: readonly Ignored[];
  /** What one should know of its folds. */
  readonly notes: readonly string[];
}

/** A class's name: shown, published, and written into generated C. */
const classNameSchema = z.string().regex(/^[\p{L}\p{N}_][\p{L}\p{N} _.,()+&'-]{0,63}$/u);

/** @throws UserError `data` naming the place of a name that cannot be a class's. */
export function classNameOf(text: string, where: string): string {
  const parsed = classNameSchema.safeParse(text.normalize('NFC'));
  if (parsed.success) return parsed.data;
  throw new UserError('data', `${where}: ${JSON.stringify(text)} cannot be the name of a class`, {
    hint: "use up to 64 letters, digits, spaces and _ - . , ( ) + & ', beginning with a letter, digit or _",
  });
}
