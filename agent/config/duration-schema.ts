import { z } from 'zod';
import { DURATION_PATTERN, parseDuration } from './duration.ts';

/** A configured duration: text in the file, milliseconds in the program. */
export function duration(min: string, max: string) {
  const low = parseDuration(min) ?? 0;
  const high = parseDuration(max) ?? Number.POSITIVE_INFINITY;
  return z
    .string()
    .regex(DURATION_PATTERN)
    .transform((text) => parseDuration(text) ?? Number.NaN)
    .refine((ms) => ms >= low && ms <= high)
    .meta({ hint: `give a duration from ${min} to ${max}, such as 500ms, 1.5s, 2m, 1h or 7d` });
}
