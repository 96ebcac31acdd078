import { InvalidArgumentError } from 'commander';

/** Parses options that are whole numbers. */
export function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('must be a whole number.');
  return Number(text);
}

export function wholeList(text: string): readonly number[] {
  return text
    .split(/[\s,]+/)
    .filter((item) => item !== '')
    .map(whole);
}
