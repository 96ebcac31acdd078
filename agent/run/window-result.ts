import type { Pair, Verdict } from '../../protocol/payloads.ts';
import type { Window } from '../audio/windows.ts';
import type { Classification } from '../engine/compiled-model.ts';
import type { Network } from './network.ts';

/** One network on one window. */
export interface NetworkResult {
  readonly network: Network;
  /** What the network took of the window: int16 at 20 kHz. */
  readonly samples: Int16Array;
  readonly classification: Classification;
  readonly verdict: Verdict;
}

/** Two networks on one window. */
export interface Comparison {
  readonly pair: Pair;
  readonly agree: boolean;
  /** Share of the last 100 windows on which they agreed. */
  readonly share: number;
}

/** A class that passed threshold, debounce and cool-down. */
export interface Detection {
  readonly class: string;
  /** 0 to 1. */
  readonly confidence: number;
  /** The network whose verdict it is, or `agree`. */
  readonly network: string;
  /** The two that agree. */
  readonly pair?: Pair;
  /** Windows in a row with this class. */
  readonly windows: number;
}

/** Everything that the gateway found out about one window. */
export interface WindowResult {
  readonly id: string;
  readonly window: Window;
  /** Of each network that runs, in the order of the configuration. */
  readonly results: readonly NetworkResult[];
  /** Of each pair that is compared. */
  readonly comparisons: readonly Comparison[];
  readonly detection: Detection | undefined;
}
