/**
 * What a frame parser makes of the bytes of a line. Nothing is thrown away in silence: whatever is no packet comes out
 * as text (log lines between frames) or as garbage with its reason and size.
 */
export type FrameEvent =
  | { readonly type: 'packet'; readonly packet: Uint8Array }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'garbage'; readonly reason: GarbageReason; readonly bytes: number };

export type GarbageReason =
  /** A packet whose checksum is wrong. */
  | 'crc'
  /** A line of a frame that is not base64. */
  | 'base64'
  /** A length that is impossible, beyond the limit, or not that of what followed. */
  | 'length'
  /** A packet that another one cut short. */
  | 'incomplete'
  /** A continuation without a beginning. */
  | 'orphan'
  /** Bytes that are no part of any packet. */
  | 'noise';

/** An incremental parser: any cut of the stream into chunks gives the same events. */
export interface FrameParser {
  push(chunk: Uint8Array): readonly FrameEvent[];
  /** Forgets a half-received packet, as after a reopened port or a silence. */
  reset(): void;
}
