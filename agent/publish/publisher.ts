import { type ReceivedCommand, readCommand } from '../../protocol/commands.ts';
import {
  type EventName,
  type Payload,
  type Places,
  type StateName,
  topicOf,
} from '../../protocol/topics.ts';
import { reasonOf } from '../errors.ts';
import { connect, type Link, type LinkOptions, type Message } from './link.ts';
import { type Accepted, type Entry, type Lane, lanes, type Outbox } from './outbox.ts';

/** A retained message that is not one of our topics: Home Assistant's discovery. */
export interface Announcement {
  readonly topic: string;
  readonly payload: string;
}

export interface PublisherOptions {
  /** `<base>/<gateway>` */
  readonly root: string;
  readonly version: string;
  readonly link: Omit<LinkOptions, 'onMessage' | 'will'>;
  readonly outbox: Outbox;
  readonly inFlight: number;
  /** Topic on which Home Assistant says that it has come up; undefined: not asked. */
  readonly birthTopic?: string;
  readonly onCommand: (received: ReceivedCommand) => void;
  /** The connection came or went; the sentence says why. */
  readonly onLink: (event: { readonly up: boolean; readonly text: string }) => void;
  readonly now: () => number;
}

/** First and longest pause between attempts to connect. */
const BACKOFF_MS = { first: 250, longest: 30_000 };

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}

/**
 * Keeps a broker informed: events through the outbox, in order and at least once; states retained, the latest of each
 * sent again after every reconnect; commands checked before anyone sees them.
 */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #states = new Map<string, string>();
  readonly #announcements = new Map<string, string>();
  readonly #stop = new AbortController();
  #link: Link | undefined;
  #running: Promise<void> | undefined;
  #sent = 0;
  #refused = 0;
  #links = 0;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /** Connects, and reconnects for ever with back-off; never fails because a broker is away. */
  start(): void {
    this.#running ??= this.#run(this.#stop.signal);
  }

  get counters(): { readonly sent: number; readonly refused: number; readonly links: number } {
    return { sent: this.#sent, refused: this.#refused, links: this.#links };
  }

  /** Accepts an event; detections survive a power cut once this resolves to `stored`, the rest kill -9. */
  event<N extends EventName>(name: N, payload: Payload<N>, places?: Places): Promise<Accepted> {
    const lane: Lane = name === 'detection' ? 'detections' : 'telemetry';
    const topic = topicOf(this.#options.root, name, places);
    return this.#options.outbox.put(lane, topic, JSON.stringify(payload));
  }

  /** Sets a retained state. */
  state<N extends StateName>(name: N, payload: Payload<N>, places?: Places): void {
    this.#retain(this.#states, topicOf(this.#options.root, name, places), JSON.stringify(payload));
  }

  /** Sets a retained message of another's format (discovery); an empty payload removes it. */
  announce({ topic, payload }: Announcement): void {
    this.#retain(this.#announcements, topic, payload);
  }

  /** Sends what waits for at most `drainMs`, says goodbye, and closes the connection. The outbox stays open. */
  async stop(drainMs: number): Promise<void> {
    const deadline = AbortSignal.timeout(drainMs);
    const { outbox } = this.#options;
    while (this.#link !== undefined && outbox.state.waiting > 0 && !deadline.aborted) {
      await pause(10, deadline);
    }
    this.#stop.abort();
    await this.#running;
  }

  #retain(map: Map<string, string>, topic: string, payload: string): void {
    map.set(topic, payload);
    this.#link?.publish(topic, payload, true).catch(() => undefined); // sent again on the next link
  }

  async #run(signal: AbortSignal): Promise<void> {
    let wait = BACKOFF_MS.first;
    while (!signal.aborted) {
      try {
        const link = await connect(this.#linkOptions(), signal);
        wait = BACKOFF_MS.first;
        await this.#serve(link, signal);
      } catch (error) {
        if (!signal.aborted) this.#options.onLink({ up: false, text: reasonOf(error) });
      }
      await pause(wait, signal);
      wait = Math.min(2 * wait, BACKOFF_MS.longest);
    }
  }

  #linkOptions(): LinkOptions {
    const { root, link } = this.#options;
    return {
      ...link,
      will: { topic: topicOf(root, 'status'), payload: JSON.stringify({ state: 'offline' }) },
      onMessage: (message) => this.#receive(message),
    };
  }

  #receive({ topic, payload }: Message): void {
    const { root, birthTopic, onCommand } = this.#options;
    if (topic !== birthTopic) onCommand(readCommand(root, topic, payload));
    else if (Buffer.from(payload).toString() === 'online' && this.#link !== undefined) {
      this.#sendRetained(this.#link).catch(() => undefined);
    }
  }

  /** Serves one link until it ends or the publisher stops. */
  async #serve(link: Link, signal: AbortSignal): Promise<void> {
    const { root, birthTopic, onLink } = this.#options;
    const gone = new AbortController();
    const either = AbortSignal.any([signal, gone.signal]);
    const closed = link.closed.then((reason) => {
      gone.abort();
      return reason;
    });
    try {
      await link.subscribe([
        `${root}/command/#`,
        ...(birthTopic === undefined ? [] : [birthTopic]),
      ]);
      this.#link = link;
      await this.#sendRetained(link);
      this.#links++;
      onLink({ up: true, text: `connected with MQTT ${link.version === 5 ? '5' : '3.1.1'}` });
      await this.#drain(link, either);
      if (signal.aborted) await this.#farewell(link);
    } finally {
      this.#link = undefined;
      await link.end();
    }
    const reason = await closed;
    if (!signal.aborted) onLink({ up: false, text: reason });
  }

  async #sendRetained(link: Link): Promise<void> {
    const { root, version, now } = this.#options;
    const at = new Date(now()).toISOString();
    const online: Payload<'status'> = { state: 'online', at, version };
    const all = [
      ...this.#announcements,
      [topicOf(root, 'status'), JSON.stringify(online)] as const,
      ...this.#states,
    ];
    await Promise.all(all.map(([topic, payload]) => link.publish(topic, payload, true)));
  }

  async #farewell(link: Link): Promise<void> {
    const at = new Date(this.#options.now()).toISOString();
    const offline: Payload<'status'> = { state: 'offline', at };
    const said = link.publish(topicOf(this.#options.root, 'status'), JSON.stringify(offline), true);
    await Promise.race([said.catch(() => undefined), pause(500, new AbortController().signal)]);
  }

  /** Sends the outbox in order, a bounded number in flight; ends with the link. */
  async #drain(link: Link, signal: AbortSignal): Promise<void> {
    const { outbox, inFlight, onLink } = this.#options;
    const cursor: Record<Lane, number> = { detections: 0, telemetry: 0 };
    const flying = new Set<Promise<void>>();
    const send = async (entry: Entry) => {
      const outcome = await link.publish(entry.topic, entry.payload, false);
      if (outcome.kind === 'refused') {
        this.#refused++;
        onLink({ up: true, text: `${entry.topic} was refused and dropped: ${outcome.reason}` });
      } else this.#sent++;
      outbox.done(entry);
    };
    while (!signal.aborted) {
      const entry = await this.#nextEntry(cursor);
      if (entry === undefined) {
        await outbox.changed(signal);
        continue;
      }
      cursor[entry.lane] = entry.sequence + 1;
      const flight: Promise<void> = send(entry)
        // Without acknowledgement it stays in the outbox; the next link starts over from it.
        .catch(() => void link.end())
        .finally(() => flying.delete(flight));
      flying.add(flight);
      if (flying.size >= inFlight) await Promise.race(flying);
    }
    await Promise.allSettled(flying);
  }

  async #nextEntry(cursor: Readonly<Record<Lane, number>>): Promise<Entry | undefined> {
    for (const lane of lanes) {
      const entry = await this.#options.outbox.next(lane, cursor[lane]);
      if (entry !== undefined) return entry;
    }
    return undefined;
  }
}
