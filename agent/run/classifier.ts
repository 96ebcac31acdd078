import { energySchema, type Verdict } from '../../protocol/payloads.ts';
import type { Window } from '../audio/windows.ts';
import { windowSamplesOf } from '../model/model.ts';
import type { Network } from './network.ts';
import { rounded } from './rounded.ts';
import type { NetworkResult } from './window-result.ts';

export interface ClassifierOptions {
  /** ms that never jump. */
  readonly monotonic: () => number;
  /** Watts that the gateway draws now, where there is a sensor; without one, energy is "none". */
  readonly power: () => number | undefined;
}

/** Runs every network on a window, one after the other. */
export class Classifier {
  readonly #options: ClassifierOptions;
  #networks: readonly Network[];

  constructor(networks: readonly Network[], options: ClassifierOptions) {
    this.#networks = networks;
    this.#options = options;
  }

  reload(networks: readonly Network[]): void {
    this.#networks = networks;
  }

  classify(window: Window): readonly NetworkResult[] {
    return this.#networks.map((network) => this.#run(network, window));
  }

  #run(network: Network, window: Window): NetworkResult {
    const { monotonic, power } = this.#options;
    const samples = window.samples.subarray(0, windowSamplesOf(network.model));
    const began = monotonic();
    const classification = network.compiled.run(samples);
    const ms = monotonic() - began;
    const verdict: Verdict = {
      class: classification.label,
      confidence: rounded(classification.probabilities[classification.class] ?? 0, 4),
      latency: { value: rounded(ms, 3), unit: 'ms' },
      energy: energyOf(power(), ms),
    };
    return { network, samples, classification, verdict };
  }
}

function energyOf(watts: number | undefined, ms: number): Verdict['energy'] {
  return energySchema.parse(
    watts === undefined
      ? { source: 'none' }
      : { source: 'measured', uJ: rounded(watts * ms * 1000, 1) },
  );
}
