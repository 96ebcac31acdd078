import type { Verdict } from '../../protocol/payloads.ts';
import type { Payload } from '../../protocol/topics.ts';
import type { Clip } from '../audio/source.ts';
import { Accuracy } from './accuracy.ts';
import { classesOf } from './network.ts';
import { Recent, spread } from './recent.ts';
import type { WindowResult } from './window-result.ts';

/** What became of a label: windows are not remembered for long, and networks know only their classes. */
export type Labelled =
  | { readonly kind: 'counted' }
  | { readonly kind: 'forgotten' }
  | { readonly kind: 'unknown'; readonly classes: readonly string[] };

/** What a network said of a window, and what it might have said. */
interface Said {
  readonly network: string;
  readonly class: string;
  readonly classes: readonly string[];
}

/** Windows whose verdicts are remembered, so that someone may say what they were. */
const REMEMBERED = 600;

/** Counts what networks say and what it costs. */
export class Metrics {
  readonly #accuracy = new Accuracy();
  readonly #latency = new Map<string, Recent<number>>();
  readonly #energy = new Map<string, Verdict['energy']>();
  readonly #said = new Map<string, readonly Said[]>();
  readonly #detections = new Map<string, number>();
  #windows = 0;
  #lastDetected: string | undefined;
  #audio = 'starting';

  /** Windows so far. */
  get windows(): number {
    return this.#windows;
  }

  /** Detections so far, by class. */
  get detections(): ReadonlyMap<string, number> {
    return this.#detections;
  }

  /** The class that was detected last. */
  get lastDetected(): string | undefined {
    return this.#lastDetected;
  }

  /** How the audio was last said to be. */
  get audio(): string {
    return this.#audio;
  }

  noteAudio(words: string): void {
    this.#audio = words;
  }

  count({ id, window, results, detection }: WindowResult): void {
    this.#windows++;
    const truth = window.clip?.label;
    for (const { network, classification, verdict } of results) {
      const { name } = network;
      const latency = this.#latency.get(name) ?? new Recent<number>();
      latency.push(verdict.latency.value);
      this.#latency.set(name, latency);
      this.#energy.set(name, verdict.energy);
      const classes = classesOf(network);
      if (truth === undefined || !classes.includes(truth)) continue;
      this.#accuracy.window(name, verdict.class, truth);
      this.#accuracy.add(name, classification.probabilities, classes);
    }
    this.#remember(
      id,
      results.map(({ network, verdict }) => ({
        ...{ network: network.name, class: verdict.class, classes: classesOf(network) },
      })),
    );
    if (detection === undefined) return;
    const { class: name } = detection;
    this.#lastDetected = name;
    this.#detections.set(name, (this.#detections.get(name) ?? 0) + 1);
  }

  endClip(clip: Clip): void {
    this.#accuracy.endClip(clip);
  }

  /** Takes a label for a window: it counts once, for the networks that know the class. */
  label(window: string, truth: string): Labelled {
    const said = this.#said.get(window);
    if (said === undefined) return { kind: 'forgotten' };
    const known = said.filter(({ classes }) => classes.includes(truth));
    if (known.length === 0) {
      return { kind: 'unknown', classes: [...new Set(said.flatMap(({ classes }) => classes))] };
    }
    this.#said.delete(window);
    for (const each of known) this.#accuracy.window(each.network, each.class, truth);
    return { kind: 'counted' };
  }

  /** These networks are gone, or other ones under the same name: what was counted of them is forgotten. */
  forget(networks: ReadonlySet<string>): void {
    for (const name of networks) {
      this.#accuracy.forget(name);
      this.#latency.delete(name);
      this.#energy.delete(name);
    }
    for (const [window, said] of this.#said) {
      const kept = said.filter(({ network }) => !networks.has(network));
      if (kept.length < said.length) this.#said.set(window, kept);
    }
  }

  accuracy(): Pick<Payload<'accuracy'>, 'windows' | 'clips'> {
    return this.#accuracy.summary();
  }

  latency(): Payload<'latency'>['networks'] {
    const spreads = [...this.#latency].map(
      ([name, { values }]) => [name, { unit: 'ms' as const, ...spread(values) }] as const,
    );
    return Object.fromEntries(spreads);
  }

  energy(): Payload<'energy'>['networks'] {
    return Object.fromEntries(this.#energy);
  }

  #remember(id: string, said: readonly Said[]): void {
    this.#said.set(id, said);
    const [oldest] = this.#said.keys();
    if (this.#said.size > REMEMBERED && oldest !== undefined) this.#said.delete(oldest);
  }
}
