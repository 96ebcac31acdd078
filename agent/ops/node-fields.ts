import { z } from 'zod';

/** Fields that nodes of several operators have. */

const id = z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,40}$/);
/** Channels, units, samples, rows, columns. */
export const size = z.number().int().min(1).max(1_000_000);
/** Along height and width. */
export const pair = z.tuple([size, size]).readonly();

/** What every node has beside its kind. */
export const nodeBase = { id, from: id };
