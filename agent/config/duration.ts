import { z } from 'zod';

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const PATTERN = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/;

function isUnit(text: string | undefined): text is keyof typeof UNITS {
  return text !== undefined && text in UNITS;
}

/** Milliseconds of `1.5s`, `250ms`, `2m`, `1h` or `7d`; undefined when it is none of these. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = PATTERN.exec(text.trim()) ?? [];
  return amount === undefined || !isUnit(unit) ? undefined : Number(amount) * UNITS[unit];
}

/** A configured duration: text in the file, milliseconds in the program. */
export function duration(min: string, max: string) {
  const low = parseDuration(min) ?? 0;
  const high = parseDuration(max) ?? Number.POSITIVE_INFINITY;
  return z
    .string()
    .regex(PATTERN)
    .transform((text) => parseDuration(text) ?? Number.NaN)
    .refine((ms) => ms >= low && ms <= high)
    .meta({ mend: `give a duration from ${min} to ${max}, such as 500ms, 1.5s, 2m, 1h or 7d` });
}
