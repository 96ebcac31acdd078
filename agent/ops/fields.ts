import { z } from 'zod';

/** Fields that layers of several operators have. */

export const id = z
  .string()
  .regex(/^[a-z][a-zA-Z0-9_]{0,30}$/, 'an id is a letter, then letters or digits');
/** Channels, units, rows, columns. */
export const size = z.number().int().min(1).max(4096);
export const pair = z.tuple([size, size]);
export const int8 = z.number().int().min(-128).max(127);
/** Bits by which an accumulator is shifted to the left before it is scaled. */
export const shift = z.number().int().min(0).max(15);
/** A factor of 2^-32. */
export const multiplier = z.number().int().min(0).max(0x7fffffff);
/** Real value of one step, for people and for tools; the integers do not need it. */
export const scale = z.number().positive();

/** What every layer has beside its kind. */
export const layerBase = { id, from: id };
