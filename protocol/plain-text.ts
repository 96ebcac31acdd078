import { z } from 'zod';
import { UNSAFE } from './printable.ts';

/** Text that comes from outside and may be shown: one line, without control characters. */
export const plainText = z
  .string()
  .regex(new RegExp(`^[^${UNSAFE}]*$`, 'u'), 'holds control characters');
