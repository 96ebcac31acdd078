import {
  energySchema,
  type NetworkKind,
  type Payload,
  type Verdict,
} from '../../protocol/topics.ts';
import type { Clip } from '../audio/source.ts';
import type { Window } from '../audio/windows.ts';
import type { Detection } from '../config/load.ts';
import type { Classification } from '../engine/compiled-model.ts';
import { Detector, type Found } from './detector.ts';
import { Accuracy, Recent, spread } from './metrics.ts';
import { comparable, type Networks, networkOf, running } from './networks.ts';

/** One network on one window. */
export interface Judged {
  readonly kind: NetworkKind;
  /** Everything the network may call a sound. */
  readonly classes: readonly string[];
  /** What the network took of the window. */
  readonly samples: Int16Array;
  readonly classification: Classification;
  readonly verdict: Verdict;
}

/** Two comparable networks on one window. */
export interface Agreement {
  readonly agree: boolean;
  /** Share of the last windows on which they agreed. */
  readonly share: number;
}

/** Everything the gateway found out about one window. */
export interface Heard {
  readonly id: string;
  readonly window: Window;
  /** By each network that runs. */
  readonly judged: ReadonlyMap<NetworkKind, Judged>;
  /** Undefined where networks are not compared. */
  readonly agreement: Agreement | undefined;
  readonly detection: Found | undefined;
}

/** What a run has come to. */
export interface Totals {
  /** Windows on which two networks were compared, and on how many of them they agreed. */
  readonly compared: number;
  readonly agreed: number;
  /** Detections by class. */
  readonly detections: ReadonlyMap<string, number>;
}

/** What became of a label: windows are not remembered for long, and networks know only their classes. */
export type Labelled =
  | { readonly kind: 'counted' }
  | { readonly kind: 'forgotten' }
  | { readonly kind: 'unknown'; readonly classes: readonly string[] };

export interface ClassifierOptions {
  readonly networks: Networks;
  readonly detection: Detection;
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

/** Runs every network on each window, compares two that can be, and finds what is worth telling. */
export class Classifier {
  readonly #options: ClassifierOptions;
  readonly #accuracy = new Accuracy();
  readonly #agreement = new Recent<boolean>();
  readonly #latency = new Map<NetworkKind, Recent<number>>();
  readonly #energy = new Map<NetworkKind, Verdict['energy']>();
  readonly #verdicts = new Map<string, ReadonlyMap<NetworkKind, string>>();
  readonly #comparable: boolean;
  #detector: Detector;
  #network: Detection['network'];
  #windows = 0;
  #compared = 0;
  #agreed = 0;
  readonly #detections = new Map<string, number>();

  constructor(options: ClassifierOptions) {
    this.#options = options;
    this.#detector = new Detector(options.detection);
    this.#network = options.detection.network;
    this.#comparable = comparable(options.networks);
  }

  get windows(): number {
    return this.#windows;
  }

  /** Takes new rules of detection; what was counted stays. */
  reload(detection: Detection): void {
    this.#detector = new Detector(detection);
    this.#network = detection.network;
  }

  /** Judges one window. */
  hear(window: Window): Heard {
    const id = `${this.#options.run}-${this.#windows++}`;
    const kinds = running(this.#options.networks).map(([kind]) => kind);
    const judged = new Map(kinds.map((kind) => [kind, this.#judge(kind, window)] as const));
    this.#remember(id, new Map([...judged].map(([kind, { verdict }]) => [kind, verdict.class])));
    this.#count(window, judged);
    const agreement = this.#compare(judged);
    const detection = this.#detect(id, window, judged);
    if (detection !== undefined) {
      const { class: name } = detection;
      this.#detections.set(name, (this.#detections.get(name) ?? 0) + 1);
    }
    return { id, window, judged, agreement, detection };
  }

  /** The audio is not continuous here. */
  interrupt(): void {
    this.#detector.interrupt();
  }

  endClip(clip: Clip): void {
    this.#accuracy.endClip(clip, (kind) => this.#labels(kind));
  }

  /** Someone says what a window was: counts for the networks that know such a class, once. */
  label(window: string, truth: string): Labelled {
    const verdicts = this.#verdicts.get(window);
    if (verdicts === undefined) return { kind: 'forgotten' };
    const known = [...verdicts].filter(([kind]) => this.#labels(kind).includes(truth));
    if (known.length === 0) {
      const classes = [...verdicts.keys()].flatMap((kind) => this.#labels(kind));
      return { kind: 'unknown', classes: [...new Set(classes)] };
    }
    this.#verdicts.delete(window);
    for (const [kind, verdict] of known) this.#accuracy.window(kind, verdict, truth);
    return { kind: 'counted' };
  }

  totals(): Totals {
    return { compared: this.#compared, agreed: this.#agreed, detections: this.#detections };
  }

  accuracy(): Pick<Payload<'accuracy'>, 'windows' | 'clips'> {
    return this.#accuracy.summary();
  }

  latency(): Payload<'latency'>['networks'] {
    const spreads = [...this.#latency].map(
      ([kind, { values }]) => [kind, { unit: 'ms' as const, ...spread(values) }] as const,
    );
    return Object.fromEntries(spreads);
  }

  energy(): Payload<'energy'>['networks'] {
    return Object.fromEntries(this.#energy);
  }

  #judge(kind: NetworkKind, { samples }: Window): Judged {
    const { networks, monotonic, power } = this.#options;
    const network = networkOf(networks, kind);
    const own = samples.subarray(0, network.windowSamples);
    const began = monotonic();
    const classification = network.run(own);
    const ms = monotonic() - began;
    const watts = power();
    const energy = energySchema.parse(
      watts === undefined
        ? { source: 'none' }
        : { source: 'measured', uJ: rounded(watts * ms * 1000, 1) },
    );
    const latency = this.#latency.get(kind) ?? new Recent<number>();
    latency.push(rounded(ms, 3));
    this.#latency.set(kind, latency);
    this.#energy.set(kind, energy);
    const verdict = {
      class: classification.label,
      confidence: rounded(classification.probabilities[classification.class] ?? 0, 4),
      latency: { value: rounded(ms, 3), unit: 'ms' as const },
      energy,
    };
    return { kind, classes: this.#labels(kind), samples: own, classification, verdict };
  }

  #count({ clip }: Window, judged: Heard['judged']): void {
    const truth = clip?.label;
    for (const { kind, classification, verdict } of judged.values()) {
      if (truth === undefined || !this.#labels(kind).includes(truth)) continue;
      this.#accuracy.window(kind, verdict.class, truth);
      this.#accuracy.add(kind, classification.probabilities);
    }
  }

  #labels(kind: NetworkKind): readonly string[] {
    return networkOf(this.#options.networks, kind).model.metadata.labels;
  }

  #compare(judged: Heard['judged']): Agreement | undefined {
    if (!this.#comparable) return undefined;
    const agree = new Set([...judged.values()].map(({ verdict }) => verdict.class)).size === 1;
    this.#agreement.push(agree);
    this.#compared++;
    if (agree) this.#agreed++;
    const { values } = this.#agreement;
    return { agree, share: values.filter(Boolean).length / values.length };
  }

  /** By the verdict of the configured network, or of all where they agree; as sure as the least sure of them. */
  #detect(id: string, window: Window, judged: Heard['judged']): Found | undefined {
    const verdicts = [...judged.values()]
      .filter(({ kind }) => this.#network === 'both' || kind === this.#network)
      .map(({ verdict }) => verdict);
    const [first] = verdicts;
    if (first === undefined || verdicts.some((verdict) => verdict.class !== first.class)) {
      return this.#detector.interrupt();
    }
    const confidence = Math.min(...verdicts.map((verdict) => verdict.confidence));
    return this.#detector.push({ window: id, at: window.at, class: first.class, confidence });
  }

  #remember(id: string, verdicts: ReadonlyMap<NetworkKind, string>): void {
    this.#verdicts.set(id, verdicts);
    const [oldest] = this.#verdicts.keys();
    if (this.#verdicts.size > REMEMBERED && oldest !== undefined) this.#verdicts.delete(oldest);
  }
}
