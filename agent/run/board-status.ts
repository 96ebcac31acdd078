import type { Payload } from '../../protocol/topics.ts';
import type { Publisher } from '../publish/publisher.ts';

type Status = Payload<'board/{board}/status'>;

export interface StatusOptions {
  readonly board: string;
  readonly publisher: Pick<Publisher, 'state'>;
  readonly log: (line: string) => void;
  readonly now: () => number;
}

const FIRST_PAUSE_MS = 2000;
/** Where the board may come back by itself; it is also looked for as soon as its port opens. */
const LONGEST_PAUSE_MS = 30_000;
/** Where somebody has to fix something first. */
const LONGEST_STOP_MS = 300_000;
const MOST_REMEMBERED = 32;

/** What is reported of a board: each trouble once until the board works again, however often it is tried. */
export class BoardStatus {
  readonly #options: StatusOptions;
  readonly #reported = new Set<string>();
  #published = '';
  #isOnline = false;
  #pauseMs = FIRST_PAUSE_MS;
  #reason = '';

  constructor(options: StatusOptions) {
    this.#options = options;
  }

  get isOnline(): boolean {
    return this.#isOnline;
  }

  /** Publishes a state unless it is the one that was published last. */
  publish(status: Omit<Status, 'at'>): void {
    const text = JSON.stringify(status);
    if (text === this.#published) return;
    this.#published = text;
    this.#isOnline = status.state === 'online';
    const at = new Date(this.#options.now()).toISOString();
    this.#options.publisher.state(
      'board/{board}/status',
      { ...status, at },
      { board: this.#options.board },
    );
  }

  /** Logs a line unless it was logged since the board last worked. */
  say(line: string): void {
    if (this.#isNews(line)) this.#options.log(`${this.#options.board}: ${line}`);
  }

  /** Logs a trouble once, and publishes it. `stopped`: it takes somebody to fix it, and nothing is retried until the next look. */
  trouble(reason: string, link: NonNullable<Status['link']>): void {
    if (this.#isNews(reason)) {
      const looks =
        link === 'stopped' ? '; looked at again every few minutes, and with a push command' : '';
      this.#options.log(`${this.#options.board}: ${reason}${looks}`);
    }
    this.publish({ state: 'offline', link, reason });
  }

  /** How long to wait before the next attempt, in ms: longer each time that the reason is the same. */
  pause(reason: string, stopped: boolean): number {
    const alike = likeness(reason);
    this.#pauseMs = alike === this.#reason ? this.#pauseMs * 2 : FIRST_PAUSE_MS;
    this.#pauseMs = Math.min(this.#pauseMs, stopped ? LONGEST_STOP_MS : LONGEST_PAUSE_MS);
    this.#reason = alike;
    return this.#pauseMs;
  }

  /** The board works again: the next failure is reported. */
  works(): void {
    this.#reported.clear();
    this.#reason = '';
  }

  #isNews(line: string): boolean {
    const alike = likeness(line);
    if (this.#reported.has(alike)) return false;
    if (this.#reported.size >= MOST_REMEMBERED) this.#reported.clear();
    this.#reported.add(alike);
    return true;
  }
}

/** Made up again each time, as names of folders for a moment are. */
const UUID = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const VARYING = new RegExp(`${UUID}|\\d+`, 'g');

/** Seconds, process numbers and the like make no new reason. */
function likeness(reason: string): string {
  return reason.replaceAll(VARYING, '#');
}
