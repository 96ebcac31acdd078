import { parentPort, workerData } from 'node:worker_threads';
import { Mixer, type MixSource } from './mixer.ts';

/** One request for a batch; the answer carries the same `id`. */
export interface MixRequest {
  readonly id: number;
  readonly count: number;
  readonly key: readonly number[];
}

const mixer = new Mixer(workerData as MixSource);
parentPort?.on('message', ({ id, count, key }: MixRequest) => {
  const { windows, labels } = mixer.batch(count, ...key);
  parentPort?.postMessage({ id, windows, labels }, [
    windows.buffer as ArrayBuffer,
    labels.buffer as ArrayBuffer,
  ]);
});
