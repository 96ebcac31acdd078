import type { CborMap } from '../../protocol/cbor.ts';
import { ConsoleParser, encodeConsole } from '../../protocol/framing/console.ts';
import type { FrameEvent, FrameParser } from '../../protocol/framing/frame.ts';
import { encodeRaw, RawParser } from '../../protocol/framing/raw.ts';
import type { SmpVersion } from '../../protocol/smp/header.ts';
import { decodePacket, encodePacket, type SmpPacket } from '../../protocol/smp/packet.ts';
import type { Clock } from '../base/clock.ts';
import { reasonOf } from '../base/errors.ts';
import { type Attempt, Matcher } from './matcher.ts';
import type { Port } from './port.ts';
import { RoundTrip } from './round-trip.ts';

export const FRAMINGS = ['console', 'raw'] as const;
export type Framing = (typeof FRAMINGS)[number];

/** Largest reply taken from a board, in bytes. */
const MAX_REPLY = 16_384;
/** A corrupt frame may come out in several pieces; a retry waits until the line has been still this long. */
const SETTLE_MS = 25;
const FIRST_TIMEOUT_MS = 400;
const MIN_TIMEOUT_MS = 15;
/**
 * Raw packets have no marks: after a gap like this between bytes a new one begins. A board does the same, so a request that
 * was cut short is not repeated any sooner.
 */
const RAW_GAP_MS = 100;
const MAX_TIMEOUT_MS = 5000;
/** Where the line's own is not given. */
const USUAL_BAUD = 115_200;
/** Bytes a millisecond and baud: ten bits a byte, and somewhat less to be careful. */
const BYTES_PER_MS_PER_BAUD = 0.95 / 10_000;
const MOST_AMBIGUOUS = 256;

/** Which request; sequence numbers are the session's business. */
export interface Request {
  readonly op: 'read' | 'write';
  readonly group: number;
  readonly command: number;
  readonly body: CborMap;
}

export interface LineStats {
  readonly packets: number;
  readonly unmatched: number;
  readonly garbage: number;
  readonly textLines: number;
}

export interface SessionOptions {
  readonly clock: Clock;
  readonly framing?: Framing;
  /** Speed of the line, to know how long to wait until it has been measured. */
  readonly baud?: number;
  readonly version?: SmpVersion;
  /** Log lines the board prints between frames. */
  readonly onText?: (line: string) => void;
}

/** SMP over one open port: sends requests and brings each its reply. Retrying is the caller's (call.ts). */
export class Session {
  readonly #port: Port;
  readonly #clock: Clock;
  readonly #framing: Framing;
  readonly #version: SmpVersion;
  readonly #parser: FrameParser;
  readonly #onText: (line: string) => void;
  readonly #matcher = new Matcher<SmpPacket>();
  readonly #roundTrip: RoundTrip;
  /** Bytes of requests that wait for their replies. */
  #onLine = 0;
  /** Requests that were given up on once: a reply to a repeat may be one to the first. */
  readonly #ambiguous = new Set<string>();
  #sequence = 0;
  #packets = 0;
  #garbage = 0;
  #textLines = 0;
  #lastSignOfLife: number;
  #lastBytesAt = 0;
  #lost: string | undefined;
  #onLost: (why: string) => void = () => {};

  constructor(port: Port, options: SessionOptions) {
    this.#port = port;
    this.#clock = options.clock;
    this.#framing = options.framing ?? 'console';
    this.#roundTrip = new RoundTrip({
      min: this.#framing === 'raw' ? RAW_GAP_MS : MIN_TIMEOUT_MS,
      ...{ first: FIRST_TIMEOUT_MS, max: MAX_TIMEOUT_MS },
      slowestBytesPerMs: (options.baud ?? USUAL_BAUD) * BYTES_PER_MS_PER_BAUD,
    });
    this.#version = options.version ?? 2;
    this.#onText = options.onText ?? (() => {});
    this.#parser =
      this.#framing === 'console' ? new ConsoleParser(MAX_REPLY) : new RawParser(MAX_REPLY);
    this.#lastSignOfLife = options.clock.now();
  }

  /** Begins to listen. */
  start(): void {
    this.#port.onData((bytes) => this.#receive(bytes));
    this.#port.onLost((why) => this.lose(why));
  }

  /** Called once when the port goes away by itself, at once when it has gone already. */
  onLost(onLost: (why: string) => void): void {
    this.#onLost = onLost;
    if (this.#lost !== undefined) onLost(this.#lost);
  }

  get name(): string {
    return this.#port.name;
  }

  get stats(): LineStats {
    return {
      packets: this.#packets,
      unmatched: this.#matcher.unmatched,
      garbage: this.#garbage,
      textLines: this.#textLines,
    };
  }

  /** When the board last sent a packet or pieces of one, by the clock. */
  get lastSignOfLife(): number {
    return this.#lastSignOfLife;
  }

  /** Why the session is over, or undefined while it is not. */
  get lost(): string | undefined {
    return this.#lost;
  }

  /** Takes a sequence number that no request under way has; give the same one for repeats of a request. */
  nextSequence(): number {
    this.#sequence = (this.#sequence + 1) & 0xff;
    return this.#sequence;
  }

  /** Sends once and waits for the reply, at most `timeoutMs` (else as long as replies have been taking). */
  async attempt(
    request: Request,
    sequence: number,
    timeoutMs?: number,
  ): Promise<Attempt<SmpPacket>> {
    if (this.#lost !== undefined) return { type: 'lost', why: this.#lost };
    const { op, group, command, body } = request;
    const fields = { version: this.#version, op: op === 'read' ? 0 : 2, group, command, sequence };
    const packet = encodePacket({ ...fields, op: op === 'read' ? 0 : 2 }, body);
    const key = keyOf(fields);
    const done = new AbortController();
    const begun = this.#clock.now();
    const waiting = this.#matcher.wait(key);
    const bytes = this.#framing === 'console' ? encodeConsole(packet) : encodeRaw(packet);
    this.#onLine += bytes.length;
    // What lies before this request on the line has to get across too.
    const ahead = this.#onLine;
    void this.#giveUp(key, timeoutMs ?? this.#roundTrip.timeoutMs(ahead), done.signal);
    this.#port.write(bytes).catch((error) => this.lose(reasonOf(error)));
    const attempt = await waiting;
    done.abort();
    this.#onLine -= bytes.length;
    this.#learn(attempt, key, this.#clock.now() - begun, ahead, timeoutMs === undefined);
    return attempt;
  }

  #learn(attempt: Attempt<SmpPacket>, key: string, ms: number, bytes: number, own: boolean): void {
    if (attempt.type === 'silence') {
      if (this.#ambiguous.size > MOST_AMBIGUOUS) this.#ambiguous.clear();
      this.#ambiguous.add(key);
      if (own) this.#roundTrip.missed();
    }
    if (attempt.type === 'reply' && !this.#ambiguous.delete(key)) this.#roundTrip.add(ms, bytes);
  }

  /** Ends the wait for a reply that a later one made pointless. */
  supersede(request: Pick<Request, 'group' | 'command'>, sequence: number): void {
    this.#matcher.settle(keyOf({ ...request, sequence }), { type: 'corrupt' });
  }

  async close(): Promise<void> {
    this.#lost ??= 'closed';
    this.#matcher.settleAll({ type: 'lost', why: this.#lost });
    await this.#port.close();
  }

  /** Ends the session as if the port had gone, e.g. when heartbeats stay unanswered. */
  lose(why: string): void {
    if (this.#lost !== undefined) return;
    this.#lost = why;
    this.#matcher.settleAll({ type: 'lost', why });
    this.#onLost(why);
  }

  async #giveUp(key: string, ms: number, signal: AbortSignal): Promise<void> {
    const elapsed = await this.#clock.sleep(ms, signal).then(
      () => true,
      () => false,
    );
    if (!elapsed) return;
    // A raw frame whose length was corrupted upwards waits for bytes that never come.
    if (this.#framing === 'raw') this.#parser.reset();
    this.#matcher.settle(key, { type: 'silence' });
  }

  #receive(bytes: Uint8Array): void {
    const now = this.#clock.now();
    if (this.#framing === 'raw' && now - this.#lastBytesAt >= RAW_GAP_MS) this.#parser.reset();
    this.#lastBytesAt = now;
    for (const event of this.#parser.push(bytes)) this.#handle(event);
  }

  #handle(event: FrameEvent): void {
    switch (event.type) {
      case 'packet': {
        this.#packets += 1;
        this.#lastSignOfLife = this.#clock.now();
        const packet = decodePacket(event.packet);
        if (packet.ok) this.#matcher.reply(keyOf(packet.value.header), packet.value);
        else this.#garbage += 1;
        return;
      }
      case 'garbage':
        this.#garbage += 1;
        this.#lastSignOfLife = this.#clock.now();
        void this.#retrySoon();
        return;
      case 'text':
        this.#textLines += 1;
        this.#onText(event.text);
        return;
      default:
        event satisfies never;
    }
  }

  /** With one request under way, a corrupt frame was its reply: no need to sit out the time-out. */
  async #retrySoon(): Promise<void> {
    const seen = this.#garbage;
    await this.#clock.sleep(SETTLE_MS);
    if (this.#garbage === seen && this.#matcher.size === 1) {
      this.#matcher.settleAll({ type: 'corrupt' });
    }
  }
}

function keyOf(header: {
  readonly group: number;
  readonly command: number;
  readonly sequence: number;
}): string {
  return `${header.group}/${header.command}/${header.sequence}`;
}
