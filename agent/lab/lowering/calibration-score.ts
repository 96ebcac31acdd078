import { CompiledModel } from '../../engine/compiled-model.ts';
import type { Model } from '../../model/model.ts';
import type { Clip } from '../data/dataset.ts';
import { BETWEEN, windowsBetween } from '../evaluation/evaluation.ts';
import { largest, softmaxRows } from '../train/loss.ts';
import type { TrainableNetwork } from '../train/network.ts';

/** How near a deployed network is to the float one it came from, on the integer engine. */
export interface CalibrationScore {
  /** Mean KL divergence of the deployed network's softmax from the float one's, in nats. */
  readonly fromFloat: number;
  /** Share of windows whose largest logit is the same. */
  readonly agreement: number;
}

/** Windows to compare on. */
const COMPARED = 240;

interface Compared {
  readonly window: Int16Array;
  /** Softmax of the float network. */
  readonly float: Float32Array;
}

/** Compares deployed networks with one float network, on windows that calibration does not see. */
export class CalibrationScorer {
  readonly #network: TrainableNetwork;
  readonly #clips: readonly Clip[];
  readonly #cache: string;
  #windows: readonly Compared[] | undefined;

  /**
   * @param clips clips that the network was trained on
   * @param cache folder of compiled modules
   */
  constructor(network: TrainableNetwork, clips: readonly Clip[], cache: string) {
    this.#network = network;
    this.#clips = clips;
    this.#cache = cache;
  }

  #compared(): readonly Compared[] {
    const { classes, input } = this.#network.net;
    const all = this.#clips.flatMap((clip) => windowsBetween(clip.samples, input[1]));
    let stride = Math.max(1, Math.floor(all.length / COMPARED));
    // Not always the same place in every clip.
    if (stride % BETWEEN === 0) stride++;
    return all
      .filter((_, i) => i % stride === 0)
      .map((window) => {
        const logits = this.#network.infer(Float32Array.from(window, (s) => s / 32768));
        return { window, float: softmaxRows(logits, classes) };
      });
  }

  async score(model: Model): Promise<CalibrationScore> {
    const compiled = await CompiledModel.load(model, { cache: this.#cache });
    this.#windows ??= this.#compared();
    let [fromFloat, agreed] = [0, 0];
    for (const { window, float } of this.#windows) {
      const { probabilities } = compiled.run(window);
      fromFloat += divergence(float, probabilities);
      if (largest(float) === largest(probabilities)) agreed++;
    }
    const count = Math.max(1, this.#windows.length);
    return { fromFloat: fromFloat / count, agreement: agreed / count };
  }
}

/** KL(p || q), in nats. */
function divergence(p: Float32Array, q: ArrayLike<number>): number {
  let sum = 0;
  p.forEach((share, c) => {
    if (share > 1e-9) sum += share * Math.log(share / Math.max(1e-9, q[c] ?? 0));
  });
  return sum;
}
