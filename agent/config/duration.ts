import parse from 'ms';

/** What durations look like in the configuration and on the command line: a number and a unit, of which there is no other. */
export const DURATION_PATTERN = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/;
/** What the library reads at most. */
const LONGEST = 100;

/** Milliseconds of `1.5s`, `250ms`, `2m`, `1h` or `7d`; undefined when it is none of these. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed.length > LONGEST || !DURATION_PATTERN.test(trimmed)) return undefined;
  return parse(trimmed as parse.StringValue);
}
