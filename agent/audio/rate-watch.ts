/** Bounds of the watch, in ms where they are times. */
export interface RateLimits {
  /** No byte for this long: the recorder hangs. */
  readonly stall: number;
  /** Over this long the byte rate must be right within `rateTolerance`. */
  readonly rateSpan: number;
  readonly rateTolerance: number;
}

export type RateTrouble =
  | { readonly kind: 'stalled'; readonly reason: string }
  /** `rate`: the usual rate that this is, where it is one. */
  | { readonly kind: 'rate'; readonly reason: string; readonly rate: number | undefined };

/** Rates that converters have, in Hz. */
const USUAL_RATES = [
  8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000, 88200, 96000, 176400, 192000,
];
/** A recorder hands over periods of some 0.1 s, so a measured rate is this sure at best. */
const MEASURED_WITHIN = 0.03;

/** Notices a recorder that hangs, or delivers at another rate than it was asked for. */
export class RateWatch {
  readonly #rate: number;
  readonly #limits: RateLimits;
  #last: number;
  #since: number | undefined;
  #samples = 0;
  #lost = 0;

  /** `rate` in Hz, `now` in ms that never jump. */
  constructor(rate: number, limits: RateLimits, now: number) {
    this.#rate = rate;
    this.#limits = limits;
    this.#last = now;
  }

  /** So many samples have come. */
  count(samples: number, now: number): void {
    this.#last = now;
    if (this.#since === undefined) this.#since = now;
    else this.#samples += samples;
  }

  /** The recorder says that it lost samples so many times. */
  overrun(times: number): void {
    this.#lost += times;
  }

  check(now: number): RateTrouble | undefined {
    const { stall, rateSpan, rateTolerance } = this.#limits;
    if (now - this.#last > stall) {
      return { kind: 'stalled', reason: `no audio for ${Math.round((now - this.#last) / 1000)} s` };
    }
    if (this.#since === undefined || now - this.#since < rateSpan) return undefined;
    const measured = (this.#samples * 1000) / (now - this.#since);
    const lost = this.#lost;
    this.#since = now;
    this.#samples = 0;
    this.#lost = 0;
    if (Math.abs(measured / this.#rate - 1) <= rateTolerance) return undefined;
    const reason = `about ${Math.round(measured)} samples a second where ${this.#rate} were asked for`;
    // A rate that is low because samples were lost is no rate of the device.
    if (lost > 0) {
      return { kind: 'rate', reason: `${reason}, ${lost} overruns`, rate: undefined };
    }
    const near = (rate: number) => Math.abs(measured / rate - 1);
    const nearest = USUAL_RATES.toSorted((a, b) => near(a) - near(b))[0] ?? this.#rate;
    const isUsual = near(nearest) <= MEASURED_WITHIN && nearest !== this.#rate;
    return { kind: 'rate', reason, rate: isUsual ? nearest : undefined };
  }
}
