import type { Worker } from 'node:worker_threads';
import { slownessAt } from '../../base/slowness.ts';
import { startThread } from '../../base/thread.ts';
import type { Compressed } from './compressed.ts';
import type { Recording } from './recording.ts';
import type { DecodeReply, DecodeRequest } from './worker.ts';

/** Time for a recording on a PC, generous: what comes to an end at all takes a small part of it. */
const BASE_MS = 20_000;
const PER_MIB_MS = 15_000;
/** What a PC takes to start the thread, and what any machine may: one that cannot start says so at once. */
const USUAL_START_MS = 500;
const START_MS = 600_000;
/** MiB of JavaScript's own heap; samples lie outside it. */
const HEAP_MIB = 256;

/**
 * Decodes in a thread of its own, which is ended where a damaged file makes the library loop or run out of memory; the
 * next recording then gets a new one. One at a time, in the order of the calls.
 */
class DecodeThread {
  #worker: Worker | undefined;
  #ready: Promise<DecodeReply | undefined> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  /** How many times longer than a PC this machine took to start the thread; limits follow it. */
  #slowness: Promise<number> = Promise.resolve(1);

  /** @throws Error with the reason */
  decode(format: Compressed, bytes: Uint8Array, timeoutMs?: number): Promise<Recording> {
    const result = this.#last.then(() => this.#ask({ format, bytes }, timeoutMs));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #ask(request: DecodeRequest, timeoutMs?: number): Promise<Recording> {
    const worker = this.#started();
    const begun = await this.#ready;
    const usualMs = BASE_MS + (PER_MIB_MS * request.bytes.length) / 2 ** 20;
    const limit = timeoutMs ?? usualMs * (await this.#slowness);
    const reply = begun === undefined ? undefined : await replyOf(worker, limit, request);
    if (reply?.kind === 'decoded') return reply.recording;
    if (reply?.kind === 'failed') throw new Error(reply.reason);
    this.#worker = undefined;
    await worker.terminate();
    if (begun === undefined) throw new Error('the decoder did not start');
    throw new Error('it is damaged: its decoder did not come to an end');
  }

  #started(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = startThread(import.meta.url, './worker', {
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
    });
    // Callers that wait for a reply get it; without a listener it would end the program.
    worker.on('error', () => undefined);
    // A thread that waits for work keeps nobody from ending.
    worker.unref();
    this.#worker = worker;
    const ready = replyOf(worker, START_MS);
    this.#ready = ready;
    this.#slowness = slownessAt(() => ready, USUAL_START_MS);
    return worker;
  }
}

/** What the worker says next; undefined where it says nothing, in time or at all. */
function replyOf(
  worker: Worker,
  limit: number,
  request?: DecodeRequest,
): Promise<DecodeReply | undefined> {
  return new Promise((resolve) => {
    worker.ref();
    const settle = (reply?: DecodeReply): void => {
      clearTimeout(timer);
      worker.off('message', settle).off('error', fail).off('exit', fail);
      worker.unref();
      resolve(reply);
    };
    const fail = (): void => settle();
    const timer = setTimeout(fail, limit);
    worker.on('message', settle).on('error', fail).on('exit', fail);
    if (request !== undefined) worker.postMessage(request);
  });
}

const thread = new DecodeThread();

/**
 * Decodes Ogg Vorbis, FLAC or MPEG, bounded in memory and time (`timeoutMs`, else by the file's size).
 * @throws Error with the reason
 */
export function decodeInThread(
  format: Compressed,
  bytes: Uint8Array,
  timeoutMs?: number,
): Promise<Recording> {
  return thread.decode(format, bytes, timeoutMs);
}
