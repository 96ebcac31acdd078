import type { Outbox } from '../publish/outbox.ts';
import type { Publisher } from '../publish/publisher.ts';
import type { AudioPipeline } from './audio-pipeline.ts';

/** What progress is seen by. */
export interface Signs {
  /** Audio events so far. A microphone that is away is reported and tried again, which is an event each time. */
  readonly audioEvents: number;
  /** Messages in the outbox. */
  readonly waiting: number;
  /** Messages that have left it. */
  readonly settled: number;
  /** Whether a broker takes messages now. */
  readonly connected: boolean;
}

/** The share of a watchdog's time after which nothing new counts as a standstill. */
const PATIENCE = 3 / 4;

export function signsOf(parts: {
  readonly pipeline: Pick<AudioPipeline, 'eventCount'>;
  readonly outbox: Pick<Outbox, 'state' | 'settled'>;
  readonly publisher: Pick<Publisher, 'connected'>;
}): Signs {
  const { waiting } = parts.outbox.state;
  const { settled } = parts.outbox;
  return {
    audioEvents: parts.pipeline.eventCount,
    waiting,
    settled,
    connected: parts.publisher.connected,
  };
}

/**
 * Whether audio and outbox make progress, for a watchdog that asks more often than it barks. The outbox stands still when
 * none of its messages leaves it although a broker is connected; a broker that is away is no standstill.
 */
export class Progress {
  readonly #look: () => Signs | undefined;
  readonly #limitMs: number;
  readonly #monotonic: () => number;
  #last: Signs | undefined;
  #audioAt: number;
  #outboxAt: number;

  constructor(look: () => Signs | undefined, watchdogMs: number, monotonic: () => number) {
    this.#look = look;
    this.#limitMs = PATIENCE * watchdogMs;
    this.#monotonic = monotonic;
    this.#audioAt = monotonic();
    this.#outboxAt = this.#audioAt;
  }

  isAlive(): boolean {
    const now = this.#monotonic();
    const signs = this.#look();
    const last = this.#last;
    this.#last = signs;
    // Before everything is open, and while it closes, other limits hold.
    if (signs === undefined || last === undefined) this.#audioAt = this.#outboxAt = now;
    else {
      if (signs.audioEvents !== last.audioEvents) this.#audioAt = now;
      const moves = signs.settled !== last.settled || signs.waiting === 0;
      if (moves || !signs.connected || !last.connected) this.#outboxAt = now;
    }
    return now - this.#audioAt <= this.#limitMs && now - this.#outboxAt <= this.#limitMs;
  }
}
