import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../../config/duration.ts';

/** Bounds of a number on the command line. */
export interface Bounds {
  readonly least?: number;
  readonly most?: number;
  /** Without the bound itself. */
  readonly above?: number;
  readonly below?: number;
}

type Parser<T> = (text: string) => T;

/** A duration such as 30s or 5m, in ms. */
export function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('give a duration such as 30s, 5m or 1h.');
  return ms;
}

/** A whole number, from 0 unless said otherwise. */
export function whole({ least = 0, most = 1_000_000_000 }: Bounds = {}): Parser<number> {
  return (text) => {
    const n = Number(text);
    if (/^\d{1,10}$/.test(text) && n >= least && n <= most) return n;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

/** A number that may have a fraction or an exponent. */
export function real(bounds: Bounds): Parser<number> {
  return (text) => {
    const n = Number(text);
    const isNumber = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(n);
    if (isNumber && within(n, bounds)) return n;
    throw new InvalidArgumentError(`It must be a number${inWords(bounds)}.`);
  };
}

function within(n: number, { least, most, above, below }: Bounds): boolean {
  const enough = (least === undefined || n >= least) && (above === undefined || n > above);
  return enough && (most === undefined || n <= most) && (below === undefined || n < below);
}

function inWords({ least, most, above, below }: Bounds): string {
  const low = above === undefined ? least : above;
  const words = [
    ...(low === undefined ? [] : [`${above === undefined ? 'from' : 'above'} ${low}`]),
    ...(most === undefined ? [] : [`to ${most}`]),
    ...(below === undefined ? [] : [`below ${below}`]),
  ];
  return words.length === 0 ? '' : ` ${words.join(' ')}`;
}

/** Whole numbers separated by commas, such as 8,16,32. */
export function wholeList(bounds: Bounds = {}): Parser<readonly number[]> {
  const one = whole(bounds);
  return (text) =>
    text.split(/\s*,\s*|\s+/).map((word) => {
      try {
        return one(word);
      } catch {
        const { least = 0 } = bounds;
        throw new InvalidArgumentError(
          `${quoted(word)} must be a whole number from ${least}: give a list such as 8,16,32.`,
        );
      }
    });
}

/** The most folds that a range may name. */
const MOST_FOLDS = 1000;

/** Folds separated by commas: numbers from 1, ranges such as 1-4, and these words; each once. */
export function foldList<W extends string>(
  ...words: readonly W[]
): Parser<readonly (number | W)[]> {
  return (text) => {
    const folds = text.split(',').flatMap((part): readonly (number | W)[] => {
      const trimmed = part.trim();
      const word = words.find((w) => w === trimmed);
      return word === undefined ? foldRange(trimmed, words) : [word];
    });
    return [...new Set(folds)];
  };
}

function foldRange(text: string, words: readonly string[]): readonly number[] {
  const [, first = '', last = first] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(text) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (first === '' || from < 1 || to < from || to > MOST_FOLDS) {
    const others = words.map((word) => `, ${word}`).join('');
    throw new InvalidArgumentError(
      `${quoted(text)} is not a fold: give numbers from 1, ranges such as 1-4${others}.`,
    );
  }
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
