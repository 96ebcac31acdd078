import { encodeMap } from '../../protocol/cbor.ts';
import { HEADER_BYTES } from '../../protocol/smp/header.ts';
import {
  IMAGE_GROUP,
  imageCommand,
  type UploadRequest,
  uploadReplySchema,
} from '../../protocol/smp/image.ts';
import { outcomeOf, smpError } from '../../protocol/smp/reply.ts';
import { UserError } from '../base/errors.ts';
import type { Board } from '../smp/board.ts';
import { callError, LIMIT_MS, PATIENCE_MS } from '../smp/call.ts';
import type { Request, Session } from '../smp/session.ts';
import { Noise } from './line-noise.ts';

export interface UploadOptions {
  /** SHA-256 of `image`: lets the board resume an upload it has begun. */
  readonly sha: Uint8Array;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface UploadReport {
  readonly bytes: number;
  /** Where the board let us begin; above 0 when it resumed. */
  readonly resumedAt: number;
  readonly chunks: number;
  /** Chunks sent again. */
  readonly repeated: number;
  readonly ms: number;
}

/** Framing (length and CRC) counts against the server's buffer. */
const FRAME_BYTES = 4;
/** The first chunk may have to wait for a whole slot to be erased by servers that do so at once. */
const FIRST_REPLY_MS = 40_000;
const MIN_CHUNK = 32;
/** On a bad line the announcement must get through first: it carries little more than the image's header. */
const FIRST_CHUNK = 64;
/** Chunks double from here while they get across, so that the line's speed is known before large ones wait for it. */
const EARLY_CHUNK = 256;

/**
 * Uploads an image with as many chunks under way as the board has buffers. The board's expected offset rules: a reply
 * that names another one means a chunk was lost, and sending goes on from there. Survives a lost port: the next session
 * asks where to go on.
 */
export async function uploadImage(
  board: Board,
  image: Uint8Array,
  options: UploadOptions,
  signal: AbortSignal,
): Promise<UploadReport> {
  const params = await board.params(signal);
  const room = params.buf_size - FRAME_BYTES - HEADER_BYTES;
  const upload = new Upload(board, image, options, { room, window: params.buf_count });
  return upload.run(signal);
}

type Fate =
  | { readonly type: 'taken'; readonly off: number }
  /** The board expects an earlier byte: a chunk before this one was lost. */
  | { readonly type: 'gap'; readonly off: number }
  | { readonly type: 'busy' }
  | { readonly type: 'unanswered' };

interface Chunk {
  readonly end: number;
  /** Of data. */
  readonly bytes: number;
  readonly sequence: number;
  /** Grows with every rewind. */
  readonly round: number;
  readonly fate: Promise<{ readonly chunk: Chunk; readonly fate: Fate }>;
}

class Upload {
  readonly #board: Board;
  readonly #image: Uint8Array;
  readonly #options: UploadOptions;
  readonly #room: number;
  readonly #window: number;
  readonly #noise = new Noise();
  #early = EARLY_CHUNK;
  /** What the board has, as it last said. */
  #held = 0;
  #chunks = 0;
  #repeated = 0;
  #furthest = 0;
  /** When the board last moved on. */
  #progressAt = 0;

  constructor(
    board: Board,
    image: Uint8Array,
    options: UploadOptions,
    limits: { readonly room: number; readonly window: number },
  ) {
    this.#board = board;
    this.#image = image;
    this.#options = options;
    this.#room = limits.room;
    this.#window = limits.window;
  }

  async run(signal: AbortSignal): Promise<UploadReport> {
    const begun = this.#board.clock.now();
    const { sent, off } = await this.#begin(signal);
    this.#note(off);
    while (this.#held < this.#image.length) {
      const session = await this.#board.link.session(signal);
      await this.#burst(session, signal);
      if (session.lost !== undefined) this.#note((await this.#begin(signal)).off);
    }
    return {
      bytes: this.#image.length,
      // A board that had nothing expects the byte behind the first portion.
      resumedAt: off === sent ? 0 : off,
      chunks: this.#chunks,
      repeated: this.#repeated,
      ms: this.#board.clock.now() - begun,
    };
  }

  /** Sends the first chunk, which announces the upload; `off` of the reply is where to go on. */
  async #begin(signal: AbortSignal): Promise<{ readonly sent: number; readonly off: number }> {
    const head = { off: 0, len: this.#image.length, sha: this.#options.sha, image: 0 };
    const body = this.#fill(head, FIRST_CHUNK);
    const call = { ...uploadCall(body), task: 'starting the upload', reply: uploadReplySchema };
    const reply = await this.#board.link.call({ ...call, patienceMs: FIRST_REPLY_MS }, signal);
    this.#chunks += 1;
    this.#progressAt = this.#board.clock.now();
    return { sent: body.data.length, off: this.#checked(reply.off) };
  }

  /** Keeps the window full until the upload ends or the session is lost. */
  async #burst(session: Session, signal: AbortSignal): Promise<void> {
    const underWay: Chunk[] = [];
    let next = this.#held;
    let round = 0;
    while (session.lost === undefined && this.#held < this.#image.length) {
      signal.throwIfAborted();
      while (underWay.length < this.#window && next < this.#image.length) {
        const chunk = this.#send(session, next, round);
        underWay.push(chunk);
        next = chunk.end;
      }
      const { chunk, fate } = await Promise.race(underWay.map((sent) => sent.fate));
      // The line keeps the order: what was sent before an answered chunk will not be answered any more.
      const settled = underWay.splice(0, underWay.indexOf(chunk) + 1);
      for (const { sequence } of settled) session.supersede(uploadRequest, sequence);
      if (fate.type === 'taken') this.#note(Math.max(fate.off, this.#held));
      // Chunks sent before the last rewind report the same gap again.
      if (fate.type !== 'taken' && chunk.round === round) {
        round += 1;
        if (fate.type === 'gap') this.#note(fate.off);
        if (fate.type !== 'busy') this.#noise.saw(chunk.bytes, true);
        next = this.#held;
      }
      next = Math.max(next, this.#held);
      this.#giveUpWhenStuck();
    }
  }

  #send(session: Session, off: number, round: number): Chunk {
    const body = this.#fill({ off }, this.#chunk);
    const bytes = body.data.length;
    const end = off + bytes;
    this.#chunks += 1;
    if (end <= this.#furthest) this.#repeated += 1;
    this.#furthest = Math.max(this.#furthest, end);
    const sequence = session.nextSequence();
    const fate = this.#fateOf(session, body, sequence, end).then((result) => ({
      chunk,
      fate: result,
    }));
    // A chunk that is no longer raced for may still fail; that failure was another chunk's first.
    fate.catch(() => {});
    const chunk: Chunk = { end, bytes, sequence, round, fate };
    return chunk;
  }

  /** What the board's answer to one chunk means. */
  async #fateOf(
    session: Session,
    body: UploadRequest,
    sequence: number,
    end: number,
  ): Promise<Fate> {
    const attempt = await session.attempt(uploadCall(body), sequence);
    if (attempt.type !== 'reply') return { type: 'unanswered' };
    const outcome = outcomeOf(attempt.value.body);
    if (outcome.type === 'refused') {
      if (outcome.group === undefined && outcome.code === smpError.busy) return { type: 'busy' };
      throw callError(session.name, 'uploading', outcome);
    }
    const reply = uploadReplySchema.safeParse(outcome.body);
    if (!reply.success) return { type: 'unanswered' };
    const off = this.#checked(reply.data.off);
    if (off < end) return { type: 'gap', off };
    this.#noise.saw(body.data.length, false);
    this.#early = Math.max(this.#early, 2 * body.data.length);
    return { type: 'taken', off };
  }

  #note(off: number): void {
    if (off > this.#held) this.#progressAt = this.#board.clock.now();
    this.#held = off;
    this.#options.onProgress?.(off, this.#image.length);
  }

  get #chunk(): number {
    return Math.max(
      MIN_CHUNK,
      Math.min(this.#room, this.#early, Math.round(this.#noise.chunkBytes)),
    );
  }

  #checked(off: number): number {
    if (off <= this.#image.length) return off;
    throw new UserError('board-reply', `the board expects byte ${off} of ${this.#image.length}`);
  }

  #giveUpWhenStuck(): void {
    const ms = this.#board.clock.now() - this.#progressAt;
    if (ms < LIMIT_MS && ms < PATIENCE_MS * 6) return;
    throw new UserError('upload-stuck', `the upload has not moved for ${Math.round(ms / 1000)} s`, {
      hint: 'run the command again: it goes on where it stopped',
    });
  }

  /** Adds as much data as `size` and the board's buffer allow. */
  #fill(head: Omit<UploadRequest, 'data'>, size: number): UploadRequest {
    const empty = encodeMap({ ...head, data: new Uint8Array(0) }).length;
    // The length of the byte string takes up to 2 bytes more than the empty one's.
    const room = Math.max(1, Math.min(size, this.#room - empty - 2));
    return { ...head, data: this.#image.subarray(head.off, head.off + room) };
  }
}

const uploadRequest = { op: 'write', group: IMAGE_GROUP, command: imageCommand.upload } as const;

function uploadCall(body: UploadRequest): Request {
  return { ...uploadRequest, body: { ...body } };
}
