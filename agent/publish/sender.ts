import type { MqttClient } from 'mqtt';
import { reasonOf } from '../base/errors.ts';
import type { PacketSizes } from './packet-sizes.ts';
import { nameOf, type Outcome, outcomeOf, PACKET_TOO_LARGE } from './reasons.ts';

export interface SenderOptions {
  readonly client: MqttClient;
  /** Most publications without acknowledgement (Receive Maximum, MQTT 5, 3.2.2.3.3). */
  readonly limit: number;
  readonly sizes: PacketSizes;
  /** How long the oldest publication under way may wait for its acknowledgement, in ms. */
  readonly ackMs: number;
  /** Age of a connection from which it counts as calm, in ms. */
  readonly calmMs: number;
  /** An acknowledgement is overdue, or mqtt.js gave a publication up. */
  readonly onTrouble: (kind: 'overdue' | 'lost', reason: string) => void;
}

interface Publication {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
  readonly size: number;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/** Sends in order, a bounded number in flight, each for a bounded time, until its connection ends. */
export class Sender {
  readonly #options: SenderOptions;
  readonly #flying = new Set<Publication>();
  readonly #queue: Publication[] = [];
  readonly #calmTimer: NodeJS.Timeout;
  #overdue: NodeJS.Timeout | undefined;
  #calm = false;
  #acknowledged = false;
  #ended: string | undefined;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#calmTimer = setTimeout(() => {
      this.#calm = true;
      this.#pump();
    }, options.calmMs);
    this.#calmTimer.unref();
  }

  /** Rejects when the connection has ended, or ends before the acknowledgement: nothing is sent from then on. */
  send(message: Pick<Publication, 'topic' | 'payload' | 'retain' | 'size'>): Promise<Outcome> {
    if (this.#ended !== undefined) return Promise.reject(new Error(this.#ended));
    return new Promise((resolve, reject) => {
      this.#queue.push({ ...message, resolve, reject });
      this.#pump();
    });
  }

  /**
   * The connection is gone; `blame` says whether what was in flight may be the cause. Returns the size of the packet that is
   * held responsible, if any.
   */
  end(reason: string, blame: 'none' | 'perhaps' | 'certain'): number | undefined {
    if (this.#ended !== undefined) return undefined;
    this.#ended = reason;
    clearTimeout(this.#calmTimer);
    const blamed = blame === 'none' ? undefined : this.#blame(blame === 'certain');
    clearTimeout(this.#overdue);
    const all = [...this.#flying, ...this.#queue];
    this.#flying.clear();
    this.#queue.length = 0;
    for (const { reject } of all) reject(new Error(reason));
    return blamed;
  }

  /** Only what was alone on its way, on a connection that worked, and of a size never acknowledged. */
  #blame(certain: boolean): number | undefined {
    const { sizes } = this.#options;
    if (certain) sizes.learn();
    const [first, second] = this.#flying;
    const alone = this.#acknowledged && second === undefined ? first : undefined;
    if (alone === undefined || !sizes.isUnproven(alone.size)) {
      sizes.endedOtherwise();
      return undefined;
    }
    sizes.endedAt(alone.size, certain);
    return alone.size;
  }

  #pump(): void {
    while (this.#ended === undefined && this.#flying.size < this.#options.limit) {
      const at = this.#next();
      const [publication] = at === undefined ? [] : this.#queue.splice(at, 1);
      if (publication === undefined) return;
      this.#write(publication);
    }
  }

  /** Which of the queue may go now: the first, unless its size is in doubt. A suspect keeps back only events behind it. */
  #next(): number | undefined {
    const { sizes } = this.#options;
    const [alone] = this.#flying;
    if (alone !== undefined && sizes.isUnproven(alone.size)) return undefined;
    let eventsWait = false;
    for (const [at, { size, retain }] of this.#queue.entries()) {
      if (eventsWait && !retain) continue;
      if (size <= sizes.limit && sizes.isSuspect(size)) {
        eventsWait ||= !retain;
        continue;
      }
      return sizes.isUnproven(size) && this.#flying.size > 0 ? undefined : at;
    }
    return this.#calm && this.#flying.size === 0 && this.#queue.length > 0 ? 0 : undefined;
  }

  #write(publication: Publication): void {
    const { client, sizes, onTrouble } = this.#options;
    const { topic, payload, retain, size } = publication;
    if (size > sizes.limit) {
      const detail = `${size} bytes, at which the broker ends the connection`;
      publication.resolve({ kind: 'refused', reason: nameOf(PACKET_TOO_LARGE), detail });
      return;
    }
    this.#flying.add(publication);
    if (this.#flying.size === 1) this.#watchOldest();
    client.publish(topic, payload, { qos: 1, retain }, (error) => {
      const [oldest] = this.#flying;
      if (!this.#flying.delete(publication)) return; // settled when the connection ended
      if (publication === oldest) this.#watchOldest();
      const outcome = outcomeOf(error);
      if (outcome === undefined) {
        publication.reject(error);
        return onTrouble('lost', reasonOf(error));
      }
      this.#acknowledged = true;
      if (outcome.kind === 'acknowledged') sizes.acknowledged(size);
      publication.resolve(outcome);
      this.#pump();
    });
  }

  /** Brokers acknowledge in order: on a slow line a full window takes long, though none of it is lost. */
  #watchOldest(): void {
    clearTimeout(this.#overdue);
    const { ackMs, onTrouble } = this.#options;
    if (this.#flying.size === 0) return;
    const reason = `no acknowledgement within ${ackMs / 1000} s`;
    this.#overdue = setTimeout(() => onTrouble('overdue', reason), ackMs);
  }
}
