import type { MqttConnection } from './mqtt-connection.ts';
import { type Entry, type Lane, lanes, type Outbox } from './outbox.ts';
import { pause } from './pause.ts';
import type { Outcome } from './reasons.ts';
import type { Refusals } from './refusals.ts';
import type { Retained, RetainedMessage } from './retained.ts';

/** Pauses before a message that the broker does not take now is published again, in ms. */
const AGAIN_MS = { first: 1000, longest: 30_000 };

export interface ServiceOptions {
  readonly outbox: Outbox;
  readonly retained: Retained;
  readonly refusals: Refusals;
  /** Most publications of each kind that wait for their acknowledgement. */
  readonly inFlight: number;
  readonly onSent: () => void;
}

/** What is under way: a bounded number, waited for together. */
class Flights {
  readonly #limit: number;
  readonly #flying = new Set<Promise<void>>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Resolves when there is room for another. */
  async add(work: Promise<void>): Promise<void> {
    const flight: Promise<void> = work.finally(() => this.#flying.delete(flight));
    this.#flying.add(flight);
    if (this.#flying.size >= this.#limit) await Promise.race(this.#flying);
  }

  async landed(): Promise<void> {
    await Promise.all(this.#flying);
  }
}

/** Brings retained messages and the outbox to the broker over one link, as fast as it takes them. */
export class Service {
  readonly #options: ServiceOptions;
  readonly #link: MqttConnection;
  #againMs: number = AGAIN_MS.first;

  constructor(link: MqttConnection, options: ServiceOptions) {
    this.#link = link;
    this.#options = options;
  }

  /** Runs until the signal aborts, which it does with the link. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#sendRetained(signal), this.#sendEvents(signal)]);
  }

  /** Undefined when the link ended first: what was not acknowledged goes over the next one. */
  async #publish(topic: string, payload: string, retain: boolean): Promise<Outcome | undefined> {
    const outcome = await this.#link.publish(topic, payload, retain).catch(() => undefined);
    if (outcome?.kind === 'acknowledged') this.#againMs = AGAIN_MS.first;
    return outcome;
  }

  async #pauseBeforeAgain(signal: AbortSignal): Promise<void> {
    await pause(this.#againMs, signal);
    this.#againMs = Math.min(2 * this.#againMs, AGAIN_MS.longest);
  }

  async #sendRetained(signal: AbortSignal): Promise<void> {
    const { retained, refusals, inFlight } = this.#options;
    const flights = new Flights(inFlight);
    const send = async ({ topic, payload }: RetainedMessage) => {
      const outcome = await this.#publish(topic, payload, true);
      if (outcome === undefined || refusals.judge(outcome, topic, topic) === 'done') return;
      await this.#pauseBeforeAgain(signal);
      retained.sendAgain(topic);
    };
    while (!signal.aborted) {
      const message = retained.take();
      if (message === undefined) await retained.changed(signal);
      else await flights.add(send(message));
    }
    await flights.landed();
  }

  /** Events in order; what the broker does not take now holds back what lies behind it. */
  async #sendEvents(signal: AbortSignal): Promise<void> {
    const { outbox, inFlight } = this.#options;
    const flights = new Flights(inFlight);
    let cursor: Record<Lane, number> = { detections: 0, telemetry: 0 };
    let putOff = new AbortController();
    while (!signal.aborted) {
      if (putOff.signal.aborted) {
        await flights.landed();
        await this.#pauseBeforeAgain(signal);
        cursor = { detections: 0, telemetry: 0 };
        putOff = new AbortController();
      }
      const entry = await this.#nextEntry(cursor);
      if (entry === undefined) {
        await outbox.changed(AbortSignal.any([signal, putOff.signal]));
        continue;
      }
      cursor[entry.lane] = entry.sequence + 1;
      const work = this.#sendEvent(entry).then((taken) => {
        if (!taken) putOff.abort();
      });
      await flights.add(work);
    }
    await flights.landed();
  }

  /** False when the broker wants it later. */
  async #sendEvent(entry: Entry): Promise<boolean> {
    const { outbox, refusals, onSent } = this.#options;
    const outcome = await this.#publish(entry.topic, entry.payload, false);
    if (outcome === undefined) return true;
    const key = `${entry.lane} ${entry.sequence}`;
    if (refusals.judge(outcome, entry.topic, key) === 'again') return false;
    if (outcome.kind === 'acknowledged') onSent();
    outbox.done(entry);
    return true;
  }

  async #nextEntry(cursor: Readonly<Record<Lane, number>>): Promise<Entry | undefined> {
    for (const lane of lanes) {
      const entry = await this.#options.outbox.next(lane, cursor[lane]);
      if (entry !== undefined) return entry;
    }
    return undefined;
  }
}
