import {
  energySchema,
  type NetworkKind,
  type Payload,
  type Verdict,
} from '../../protocol/topics.ts';
import type { Clip } from '../audio/source.ts';
import type { Window } from '../audio/windows.ts';
import type { Config } from '../config/schema.ts';
import type { Classification } from '../engine/compiled-model.ts';
import { Detector, type Found } from './detector.ts';
import type { Networks } from './networks.ts';
import { Accuracy, Recent, spread } from './tally.ts';

/** One network on one window. */
export interface Judged {
  readonly kind: NetworkKind;
  readonly classification: Classification;
  readonly verdict: Verdict;
}

/** Everything the gateway found out about one window. */
export interface Heard {
  readonly id: string;
  readonly window: Window;
  readonly judged: Readonly<Record<NetworkKind, Judged>>;
  readonly agree: boolean;
  readonly agreement: number;
  readonly detection: Found | undefined;
}

export interface ListenerOptions {
  readonly networks: Networks;
  readonly detection: Config['detection'];
  /** Unique to this run of the program; window ids begin with it. */
  readonly run: string;
  /** ms that never jump. */
  readonly monotonic: () => number;
  /** Watts that the gateway draws now, where a sensor tells; energy is "none" where none does. */
  readonly power: () => number | undefined;
}

/** To so many decimals: what messages carry beyond that is noise. */
export function rounded(value: number, decimals: number): number {
  return Math.round(value * 10 ** decimals) / 10 ** decimals;
}

/** Windows whose verdicts are remembered, so that someone may say what they were. */
const REMEMBERED = 600;

/** Runs both networks on every window, compares them, and finds what is worth telling. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #accuracy = new Accuracy();
  readonly #agreement = new Recent<boolean>();
  readonly #latency = { int8: new Recent<number>(), xnor: new Recent<number>() };
  readonly #energy = new Map<NetworkKind, Verdict['energy']>();
  readonly #verdicts = new Map<string, Readonly<Record<NetworkKind, string>>>();
  #detector: Detector;
  #network: Config['detection']['network'];
  #windows = 0;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#detector = new Detector(options.detection);
    this.#network = options.detection.network;
  }

  get windows(): number {
    return this.#windows;
  }

  /** Takes new rules of detection; what was counted stays. */
  reload(detection: Config['detection']): void {
    this.#detector = new Detector(detection);
    this.#network = detection.network;
  }

  /** Judges one window. */
  hear(window: Window): Heard {
    const id = `${this.#options.run}-${this.#windows++}`;
    const judged = { int8: this.#judge('int8', window), xnor: this.#judge('xnor', window) };
    const { int8, xnor } = judged;
    const agree = int8.verdict.class === xnor.verdict.class;
    this.#agreement.push(agree);
    this.#remember(id, { int8: int8.verdict.class, xnor: xnor.verdict.class });
    this.#count(window, judged);
    const agreeing = this.#agreement.values;
    const agreement = agreeing.filter(Boolean).length / agreeing.length;
    return { id, window, judged, agree, agreement, detection: this.#detect(id, window, judged) };
  }

  /** The audio is not continuous here. */
  interrupt(): void {
    this.#detector.interrupt();
  }

  endClip(clip: Clip): void {
    this.#accuracy.endClip(clip, this.#options.networks.int8.model.metadata.labels);
  }

  /** Someone says what a window was; false when it is not remembered any more. */
  label(window: string, truth: string): boolean {
    const verdicts = this.#verdicts.get(window);
    if (verdicts === undefined) return false;
    this.#verdicts.delete(window);
    for (const kind of ['int8', 'xnor'] as const)
      this.#accuracy.window(kind, verdicts[kind], truth);
    return true;
  }

  accuracy(): Pick<Payload<'accuracy'>, 'windows' | 'clips'> {
    return this.#accuracy.summary();
  }

  latency(): Payload<'latency'>['networks'] {
    const of = (kind: NetworkKind) => ({
      unit: 'ms' as const,
      ...spread(this.#latency[kind].values),
    });
    return { int8: of('int8'), xnor: of('xnor') };
  }

  energy(): Payload<'energy'>['networks'] {
    return Object.fromEntries(this.#energy);
  }

  #judge(kind: NetworkKind, { samples }: Window): Judged {
    const { networks, monotonic, power } = this.#options;
    const began = monotonic();
    const classification = networks[kind].run(samples);
    const ms = monotonic() - began;
    const watts = power();
    const energy = energySchema.parse(
      watts === undefined
        ? { source: 'none' }
        : { source: 'measured', uJ: rounded(watts * ms * 1000, 1) },
    );
    this.#latency[kind].push(rounded(ms, 3));
    this.#energy.set(kind, energy);
    const verdict = {
      class: classification.label,
      confidence: rounded(classification.probabilities[classification.class] ?? 0, 4),
      latency: { value: rounded(ms, 3), unit: 'ms' as const },
      energy,
    };
    return { kind, classification, verdict };
  }

  #count({ clip }: Window, judged: Heard['judged']): void {
    const truth = clip?.label;
    const known = this.#options.networks.int8.model.metadata.labels;
    for (const { kind, classification, verdict } of Object.values(judged)) {
      if (truth === undefined || !known.includes(truth)) continue;
      this.#accuracy.window(kind, verdict.class, truth);
      this.#accuracy.add(kind, classification.probabilities);
    }
  }

  #detect(id: string, window: Window, { int8, xnor }: Heard['judged']): Found | undefined {
    const base = { window: id, at: window.at };
    if (this.#network !== 'both') {
      const { verdict } = this.#network === 'int8' ? int8 : xnor;
      return this.#detector.push({ ...base, class: verdict.class, confidence: verdict.confidence });
    }
    if (int8.verdict.class !== xnor.verdict.class) return this.#detector.interrupt();
    const confidence = Math.min(int8.verdict.confidence, xnor.verdict.confidence);
    return this.#detector.push({ ...base, class: int8.verdict.class, confidence });
  }

  #remember(id: string, verdicts: Readonly<Record<NetworkKind, string>>): void {
    this.#verdicts.set(id, verdicts);
    const [oldest] = this.#verdicts.keys();
    if (this.#verdicts.size > REMEMBERED && oldest !== undefined) this.#verdicts.delete(oldest);
  }
}
