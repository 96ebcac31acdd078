import { crc32 } from '../../protocol/crc.ts';
import { smpError } from '../../protocol/smp/reply.ts';
import {
  type AudioReply,
  audioReplySchema,
  VENDOR_GROUP,
  vendorCommand,
} from '../../protocol/vendor.ts';
import { UserError } from '../base/errors.ts';
import type { Board } from './board.ts';
import { type CallResult, callError } from './call.ts';

/** Header, framing, and CBOR around the samples of one chunk, in bytes. */
const CHUNK_OVERHEAD = 64;
/** A window whose CRC was wrong is sent again this often before the board is given up. */
const TRIES = 3;

/**
 * Sends one window of int16 samples; resolves when the board has taken it and its inference is queued.
 * @param windowId names the window in the board's record; never reuse one on the same boot
 * @throws UserError of the link, or `board-refused`
 */
export async function sendWindow(
  board: Board,
  windowId: () => number,
  samples: Int16Array,
  signal: AbortSignal,
): Promise<number> {
  const { buf_size } = await board.params(signal);
  const bytes = littleEndian(samples);
  const room = (buf_size - CHUNK_OVERHEAD) & ~1;
  for (let attempt = 1; ; attempt++) {
    const win = windowId();
    const outcome = await sendOnce(board, win, bytes, room, signal);
    if (outcome.type === 'done') return win;
    const corrupt = outcome.type === 'refused' && outcome.code === smpError.corrupt;
    if (!corrupt || attempt === TRIES) throw callError('the board', 'sending a window', outcome);
  }
}

async function sendOnce(
  board: Board,
  win: number,
  bytes: Uint8Array,
  room: number,
  signal: AbortSignal,
): Promise<CallResult<AudioReply>> {
  const crc = crc32(bytes);
  let off = 0;
  let stalls = 0;
  for (;;) {
    const data = bytes.subarray(off, off + room);
    const last = off + data.length === bytes.length;
    const result = await board.link.tryCall(
      {
        ...{ task: 'sending a window', op: 'write', group: VENDOR_GROUP },
        command: vendorCommand.audio,
        body: { win, off, data, ...(last ? { crc } : {}) },
        reply: audioReplySchema,
      },
      signal,
    );
    if (result.type !== 'done') return result;
    if (result.value.off === bytes.length) return result;
    // A board that was reset meanwhile expects the window from its start.
    stalls = result.value.off > off ? 0 : stalls + 1;
    if (stalls > TRIES || result.value.off > bytes.length) {
      throw new UserError(
        'board-reply',
        `the board keeps asking for byte ${result.value.off} of a window`,
      );
    }
    off = result.value.off;
  }
}

function littleEndian(samples: Int16Array): Uint8Array {
  const bytes = new Uint8Array(samples.length * 2);
  const view = new DataView(bytes.buffer);
  samples.forEach((sample, i) => {
    view.setInt16(2 * i, sample, true);
  });
  return bytes;
}
