import type { Clock } from '../base/clock.ts';

const EVERY_MS = 1000;

/** Why a board is away: it boots, or its port is gone. */
export type AbsenceReason = 'boot' | 'port';

/** Says, second by second, how long a board has been away, for whatever reasons. */
export class Absence {
  readonly #clock: Clock;
  readonly #report: (seconds: number) => void;
  readonly #reasons = new Set<AbsenceReason>();
  #over = new AbortController();

  constructor(clock: Clock, report: (seconds: number) => void) {
    this.#clock = clock;
    this.#report = report;
  }

  begin(reason: AbsenceReason): void {
    const away = this.#reasons.size > 0;
    this.#reasons.add(reason);
    if (away) return;
    this.#over = new AbortController();
    void this.#count(this.#clock.now(), this.#over.signal);
  }

  end(reason: AbsenceReason): void {
    this.#reasons.delete(reason);
    if (this.#reasons.size === 0) this.#over.abort();
  }

  /** Nobody waits for it any more. */
  stop(): void {
    this.#reasons.clear();
    this.#over.abort();
  }

  async #count(since: number, over: AbortSignal): Promise<void> {
    for (;;) {
      await this.#clock.sleep(EVERY_MS, over).catch(() => {});
      if (over.aborted) return;
      this.#report(Math.round((this.#clock.now() - since) / 1000));
    }
  }
}
