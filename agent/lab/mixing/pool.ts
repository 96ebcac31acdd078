import type { Worker } from 'node:worker_threads';
import { startThread } from '../../base/thread.ts';
import type { MixedBatch, MixSource } from './mixer.ts';
import type { MixRequest } from './worker.ts';

/** Mixes batches in a worker thread, so that the next is ready when a training step ends. */
export class MixingThread {
  readonly #source: MixSource;
  readonly #waiting = new Map<
    number,
    { resolve(batch: MixedBatch): void; reject(error: unknown): void }
  >();
  #worker: Worker | undefined;
  #next = 0;

  constructor(source: MixSource) {
    this.#source = source;
  }

  start(): void {
    const worker = startThread(import.meta.url, './worker', { workerData: this.#source });
    worker.on('message', (m: MixedBatch & { readonly id: number }) => {
      this.#waiting.get(m.id)?.resolve(m);
      this.#waiting.delete(m.id);
    });
    worker.on('error', (error) => {
      for (const wait of this.#waiting.values()) wait.reject(error);
      this.#waiting.clear();
    });
    this.#worker = worker;
  }

  /** The batch of a key (see Mixer.batch). Callers ask at most a few ahead. */
  batch(count: number, ...key: readonly number[]): Promise<MixedBatch> {
    const worker = this.#worker;
    if (worker === undefined) throw new Error('the mixing thread is not started');
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      const request: MixRequest = { id, count, key };
      worker.postMessage(request);
    });
  }

  async stop(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }
}
