import { z } from 'zod';
import { plainText } from '../plain-text.ts';

/** The image group of SMP. */
export const IMAGE_GROUP = 1;

export const imageCommand = { state: 0, upload: 1, erase: 5, slotInfo: 6 } as const;

const bytes = z.instanceof(Uint8Array);
const flag = z.boolean().default(false);

const imageSlotSchema = z.object({
  image: z.int().min(0).default(0),
  slot: z.int().min(0),
  version: plainText.max(64),
  hash: bytes.optional(),
  bootable: flag,
  pending: flag,
  confirmed: flag,
  active: flag,
  permanent: flag,
});

export const imageStateReplySchema = z.object({
  images: z.array(imageSlotSchema).max(32),
  splitStatus: z.int().optional(),
});
export type ImageState = z.infer<typeof imageStateReplySchema>;

/** Confirms (`confirm` true) or marks for one test boot the image of this hash; without hash, the running one. */
export interface ImageStateRequest {
  readonly hash?: Uint8Array;
  readonly confirm: boolean;
}

/** One chunk; the first (`off` 0) also carries the length and the SHA-256 of the whole upload. */
export interface UploadRequest {
  readonly off: number;
  readonly data: Uint8Array;
  readonly len?: number;
  readonly sha?: Uint8Array;
  readonly image?: number;
}

/** `off` is where the board wants the client to go on; `match` comes with the last reply of servers that check. */
export const uploadReplySchema = z.object({
  off: z.int().min(0),
  match: z.boolean().optional(),
});
