import { parentPort } from 'node:worker_threads';
import { type Compressed, decodeCompressed } from './compressed.ts';
import type { Recording } from './recording.ts';

/** A recording to decode, and how that went. */
export interface DecodeRequest {
  readonly format: Compressed;
  readonly bytes: Uint8Array;
}

export type DecodeReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'decoded'; readonly recording: Recording }
  | { readonly kind: 'failed'; readonly reason: string };

// The libraries write on the console what they also return.
Object.assign(console, { log: ignore, warn: ignore, error: ignore });

parentPort?.on('message', ({ format, bytes }: DecodeRequest) => {
  decodeCompressed(format, bytes).then(
    (recording) => {
      const { samples } = recording;
      parentPort?.postMessage({ kind: 'decoded', recording }, [samples.buffer as ArrayBuffer]);
    },
    (error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      parentPort?.postMessage({ kind: 'failed', reason });
    },
  );
});
const ready: DecodeReply = { kind: 'ready' };
parentPort?.postMessage(ready);

function ignore(): void {}
