import type { CaptureEvent } from './capture.ts';
import { BoundedQueue } from './queue.ts';

export type CaptureItem =
  /** `lost`: samples were lost so many times before these bytes. */
  | { readonly kind: 'bytes'; readonly bytes: Buffer; readonly lost: number }
  | Extract<CaptureEvent, { readonly kind: 'rate' | 'end' }>
  | { readonly kind: 'tick' };

/** Between a recorder and its consumer. Losses travel with the next bytes, so that a flood of them displaces none. */
export class CaptureQueue {
  readonly #queue: BoundedQueue<CaptureItem>;
  #lost = 0;
  #dropped = 0;
  #ticking = false;

  constructor(limit: number) {
    this.#queue = new BoundedQueue(limit);
  }

  push(event: CaptureEvent): void {
    if (event.kind === 'overrun') this.#lost += event.times;
    else if (event.kind !== 'bytes') this.#queue.push(event);
    else {
      this.#queue.push({ ...event, lost: this.#lost });
      this.#lost = 0;
    }
  }

  /** Wakes the consumer although nothing came; a tick is not queued while another waits. */
  tick(): void {
    if (this.#ticking) return;
    this.#ticking = true;
    this.#queue.push({ kind: 'tick' });
  }

  /** No more will come. */
  end(): void {
    this.#queue.end();
  }

  /** The next item; undefined after the end. */
  async next(): Promise<CaptureItem | undefined> {
    const item = await this.#queue.next();
    // Also when it is not the tick: that may have been displaced.
    this.#ticking = false;
    if (item?.kind !== 'bytes') return item;
    // What did not fit is lost like what the recorder lost.
    const dropped = this.#queue.dropped - this.#dropped;
    this.#dropped = this.#queue.dropped;
    return dropped === 0 ? item : { ...item, lost: item.lost + dropped };
  }
}
