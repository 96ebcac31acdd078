const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
/** What durations look like in the configuration and on the command line. */
export const DURATION_PATTERN = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/;

function isUnit(text: string | undefined): text is keyof typeof UNITS {
  return text !== undefined && text in UNITS;
}

/** Milliseconds of `1.5s`, `250ms`, `2m`, `1h` or `7d`; undefined when it is none of these. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = DURATION_PATTERN.exec(text.trim()) ?? [];
  return amount === undefined || !isUnit(unit) ? undefined : Number(amount) * UNITS[unit];
}
