import { z } from 'zod';

/** The OS group of SMP: what this project uses of it. */
export const OS_GROUP = 0;

export const osCommand = { echo: 0, reset: 5, params: 6, info: 7, bootloader: 8 } as const;

export const echoReplySchema = z.object({ r: z.string().max(4096) });

export const paramsReplySchema = z.object({
  buf_size: z.int().min(64).max(0xffff),
  buf_count: z.int().min(1).max(255),
});
export type SmpParams = z.infer<typeof paramsReplySchema>;

export const emptyReplySchema = z.object({});
