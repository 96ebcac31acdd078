import { type ReceivedCommand, readCommand } from '../../protocol/commands.ts';
import {
  type EventName,
  type Payload,
  type Places,
  type StateName,
  topicNames,
  topicOf,
} from '../../protocol/topics.ts';
import { reasonOf } from '../base/errors.ts';
import { type Attempt, Backoff, PACE, type Pace } from './backoff.ts';
import { BIRTHS, type BirthPace, Births } from './births.ts';
import {
  CONNECTION_LIMITS,
  type ConnectionOptions,
  connect,
  type Message,
  type MqttConnection,
} from './mqtt-connection.ts';
import { Notices } from './notices.ts';
import type { Accepted, Lane, Outbox } from './outbox.ts';
import { PacketSizes } from './packet-sizes.ts';
import { aborted, pause } from './pause.ts';
import { Refusals } from './refusals.ts';
import { Retained, type RetainedMessage } from './retained.ts';
import { Service } from './service.ts';
import { Subscription } from './subscription.ts';

export interface PublisherOptions {
  /** `<base>/<gateway>` */
  readonly root: string;
  readonly version: string;
  readonly link: Omit<ConnectionOptions, 'onMessage' | 'will' | 'sizes'>;
  readonly outbox: Outbox;
  readonly inFlight: number;
  /** Topic on which Home Assistant says that it has come up; undefined: not asked. */
  readonly birthTopic?: string;
  readonly onCommand: (received: ReceivedCommand) => void;
  /** Every event and state that is published, as JSON, also while no broker is there. */
  readonly onMessage?: (topic: string, payload: string) => void;
  /** Something about the connection that a person should know; the sentence says why. */
  readonly onLink: (event: { readonly up: boolean; readonly text: string }) => void;
  /** ms since 1970. */
  readonly now: () => number;
  /** ms that never jump. */
  readonly monotonic?: () => number;
  /** In [0, 1). */
  readonly random?: () => number;
  readonly pace?: Partial<Pace>;
  readonly births?: BirthPace;
}

/** What saying goodbye may take, in ms. */
const FAREWELL_MS = 500;

/**
 * Keeps a broker informed: events through the outbox, in order and at least once; states retained, the latest of each
 * sent again after every reconnect; commands checked before anyone sees them.
 */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #pace: Pace;
  readonly #retained = new Retained();
  readonly #sizes = new PacketSizes();
  /** What is said once as long as connections do not hold. */
  readonly #episode: Notices;
  /** What is said once. */
  readonly #lasting: Notices;
  readonly #refusals: Refusals;
  readonly #births: Births;
  readonly #subscriptions: readonly Subscription[];
  readonly #stop = new AbortController();
  #link: MqttConnection | undefined;
  #running: Promise<void> | undefined;
  #sent = 0;
  #links = 0;

  constructor(options: PublisherOptions) {
    const { root, birthTopic, onLink } = options;
    const report = (text: string) => onLink({ up: this.#link !== undefined, text });
    this.#options = options;
    this.#pace = { ...PACE, ...options.pace };
    this.#episode = new Notices(report);
    this.#lasting = new Notices(report);
    this.#refusals = new Refusals(this.#lasting);
    this.#births = new Births(options.births ?? BIRTHS, () => this.#retained.sendAllAgain());
    this.#subscriptions = [
      this.#subscription(`${root}/command/#`, 'commands'),
      ...(birthTopic === undefined ? [] : [this.#subscription(birthTopic, 'births')]),
    ];
  }

  /** Connects, and reconnects for ever with back-off; never fails because a broker is away. */
  start(): void {
    this.#running ??= this.#run(this.#stop.signal);
  }

  /** Whether a broker serves us now. */
  get connected(): boolean {
    return this.#link !== undefined;
  }

  /** `refused`: messages that the broker will never take, by its reason; `retried`: how often it took one only later. */
  get counters(): {
    readonly sent: number;
    readonly refused: number;
    readonly refusedBy: Readonly<Record<string, number>>;
    readonly retried: number;
    readonly links: number;
  } {
    const { dropped, byReason, retried } = this.#refusals;
    return { sent: this.#sent, refused: dropped, refusedBy: byReason, retried, links: this.#links };
  }

  /** Accepts an event; detections survive a power cut once this resolves to `stored`, the rest kill -9. */
  event<N extends EventName>(name: N, payload: Payload<N>, places?: Places): Promise<Accepted> {
    const lane: Lane = name === 'detection' ? 'detections' : 'telemetry';
    const topic = topicOf(this.#options.root, name, places);
    const text = JSON.stringify(payload);
    this.#options.onMessage?.(topic, text);
    return this.#options.outbox.put(lane, topic, text);
  }

  /** Sets a retained state. */
  state<N extends StateName>(name: N, payload: Payload<N>, places?: Places): void {
    const topic = topicOf(this.#options.root, name, places);
    const text = JSON.stringify(payload);
    this.#options.onMessage?.(topic, text);
    this.#retained.set({ topic, payload: text });
  }

  /** Sets a retained message of another's format (discovery); an empty payload removes it. */
  announce(message: RetainedMessage): void {
    this.#retained.set(message);
  }

  /** Sends what waits for at most `drainMs`, says goodbye, and closes the connection. The outbox stays open. */
  async stop(drainMs: number): Promise<void> {
    const deadline = AbortSignal.timeout(drainMs);
    const waiting = () => this.#options.outbox.state.waiting + this.#retained.waiting;
    while (this.#link !== undefined && waiting() > 0 && !deadline.aborted) {
      await pause(10, deadline);
    }
    this.#births.stop();
    this.#stop.abort();
    await this.#running;
  }

  #subscription(topic: string, what: 'commands' | 'births'): Subscription {
    const { link } = this.#options;
    const { ackMs, calmMs } = { ...CONNECTION_LIMITS, ...link.limits };
    const [off, on] =
      what === 'commands'
        ? [`commands off, no subscription to ${topic}`, 'commands on again']
        : [`births of Home Assistant unheard, no subscription to ${topic}`, 'births heard again'];
    const onState = (problem: string | undefined) => {
      if (problem !== undefined) this.#lasting.say(`${off}: ${problem}`, what);
      else if (this.#lasting.unsay(what)) this.#lasting.say(on, on);
      if (problem !== undefined) this.#lasting.unsay(on);
    };
    // Twice as long: where nothing is answered at all, the link ends first and says so.
    return new Subscription({ topic, answerMs: 2 * ackMs, calmMs, onState });
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { random = Math.random } = this.#options;
    const backoff = new Backoff(this.#pace, random);
    while (!signal.aborted) {
      const { reason, ...attempt } = await this.#attempt(signal);
      if (signal.aborted) return;
      const { waitMs, crowded } = backoff.after(attempt);
      this.#episode.say(crowded ? this.#crowdedText(attempt) : reason);
      await pause(waitMs, signal);
    }
  }

  /** One connection, from the attempt to its end; never rejects. */
  async #attempt(signal: AbortSignal): Promise<Attempt & { readonly reason: string }> {
    const { monotonic = () => performance.now() } = this.#options;
    const failed = (reason: string) =>
      ({ kind: 'failed', livedMs: 0, namesTakeover: true, reason }) as const;
    try {
      const link = await connect(this.#linkOptions(), signal);
      const began = monotonic();
      const links = this.#links;
      await this.#serve(link, signal);
      const { kind, reason } = await link.closed;
      if (this.#links === links && kind !== 'taken-over') return failed(reason);
      return { kind, reason, livedMs: monotonic() - began, namesTakeover: link.version === 5 };
    } catch (error) {
      return failed(reasonOf(error));
    }
  }

  #crowdedText({ kind }: Attempt): string {
    const { clientId } = this.#options.link;
    const hint = 'give each gateway its own gateway.name (or mqtt.clientId)';
    return kind === 'taken-over'
      ? `another client uses the id ${clientId}, and the broker keeps one of a kind; ${hint}`
      : `the broker ends each connection soon after it was made, as it does when another client uses the id ${clientId}; ${hint}`;
  }

  #linkOptions(): ConnectionOptions {
    const { root, link } = this.#options;
    return {
      ...link,
      will: { topic: topicOf(root, 'status'), payload: JSON.stringify({ state: 'offline' }) },
      sizes: this.#sizes,
      onMessage: (message) => this.#receive(message),
    };
  }

  #receive({ topic, payload, retained }: Message): void {
    const { root, birthTopic, onCommand } = this.#options;
    if (topic === birthTopic) {
      // A retained birth is an old one, and everything was sent when this link began.
      if (!retained && Buffer.from(payload).toString() === 'online') this.#births.born();
    } else if (!retained) onCommand(readCommand(root, topic, payload));
    else this.#ignoreRetained(topic.slice(root.length + 1));
  }

  /** The broker hands it out at every connect, so it cannot mean "now". */
  #ignoreRetained(name: string): void {
    const known = topicNames.find((topic) => topic === name);
    const hint = 'publish commands without retain, and clear it with an empty retained message';
    const what = `a retained message on ${known ?? 'command/#'}`;
    this.#lasting.say(
      `${what} is ignored, since it would be carried out at every connect; ${hint}`,
    );
  }

  /** Serves one link until it ends or the publisher stops. */
  async #serve(link: MqttConnection, signal: AbortSignal): Promise<void> {
    const gone = new AbortController();
    const either = AbortSignal.any([signal, gone.signal]);
    void link.closed.then(() => gone.abort());
    const subscribed = this.#subscribe(link, either);
    const work = this.#work(link, either);
    await aborted(either);
    if (signal.aborted) await this.#farewell(link);
    this.#link = undefined;
    await link.end(); // whatever is in flight ends with it
    await Promise.all([subscribed, work]);
  }

  async #subscribe(link: MqttConnection, signal: AbortSignal): Promise<void> {
    for (const subscription of this.#subscriptions) await subscription.on(link, signal);
  }

  /** The first acknowledgement shows that the broker serves us; then everything else follows. */
  async #work(link: MqttConnection, signal: AbortSignal): Promise<void> {
    const { outbox, inFlight } = this.#options;
    const { topic, payload } = this.#sayOnline();
    const outcome = await link.publish(topic, payload, true).catch(() => undefined);
    if (outcome === undefined) return;
    if (this.#refusals.judge(outcome, topic, topic) === 'again') this.#retained.sendAgain(topic);
    this.#up(link, signal);
    const service = new Service(link, {
      outbox,
      inFlight,
      retained: this.#retained,
      refusals: this.#refusals,
      onSent: () => this.#sent++,
    });
    await service.run(signal);
  }

  #sayOnline(): RetainedMessage {
    const { root, version, now } = this.#options;
    const online: Payload<'status'> = {
      state: 'online',
      at: new Date(now()).toISOString(),
      version,
    };
    const message = { topic: topicOf(root, 'status'), payload: JSON.stringify(online) };
    this.#retained.set(message);
    this.#retained.sendAllAgain();
    this.#retained.sent(message.topic);
    return message;
  }

  #up(link: MqttConnection, signal: AbortSignal): void {
    this.#link = link;
    this.#links++;
    const text = `connected with MQTT ${link.version === 5 ? '5' : '3.1.1'}`;
    this.#episode.say(text);
    const steady = setTimeout(() => {
      const { kept } = this.#episode;
      this.#episode.forget();
      if (kept > 0) this.#episode.say(`${text}, which holds now`);
    }, this.#pace.steadyMs);
    signal.addEventListener('abort', () => clearTimeout(steady), { once: true });
  }

  async #farewell(link: MqttConnection): Promise<void> {
    const at = new Date(this.#options.now()).toISOString();
    const offline: Payload<'status'> = { state: 'offline', at };
    const said = link.publish(topicOf(this.#options.root, 'status'), JSON.stringify(offline), true);
    await Promise.race([
      said.catch(() => undefined),
      pause(FAREWELL_MS, new AbortController().signal),
    ]);
  }
}
