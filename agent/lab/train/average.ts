import type { Parameters } from '../../tape/parameter.ts';

const PREFIX = 'average:';

/**
 * Exponential moving average of every parameter, running statistics included (Polyak and Juditsky 1992; as deep
 * networks use it): what a training gives in place of where its last steps happened to end. The first steps count
 * evenly, so that the start is soon forgotten.
 */
export class WeightAverage {
  /** The averages, shaped and named as the parameters. */
  readonly parameters: Parameters;
  readonly #decay: number;

  /** Begins at the values that `parameters` have now. */
  constructor(decay: number, parameters: Parameters) {
    this.#decay = decay;
    this.parameters = new Map(
      [...parameters].map(([name, p]) => [name, { ...p, data: p.data.slice() }]),
    );
  }

  /** Takes in what `parameters` are after update number `step`, counted from 0 over the whole training. */
  update(parameters: Parameters, step: number): void {
    const decay = Math.min(this.#decay, (1 + step) / (10 + step));
    for (const { name, data } of this.parameters.values()) {
      const now = parameters.get(name)?.data;
      if (now === undefined) throw new Error(`no parameter ${name}`);
      for (let i = 0; i < data.length; i++) {
        data[i] = decay * (data[i] ?? 0) + (1 - decay) * (now[i] ?? 0);
      }
    }
  }

  /** What a resumed training needs, by array name. */
  state(): ReadonlyMap<string, Float32Array> {
    return new Map([...this.parameters].map(([name, { data }]) => [PREFIX + name, data]));
  }

  restore(state: ReadonlyMap<string, { readonly data: ArrayLike<number> }>): void {
    for (const [name, data] of this.state()) {
      const stored = state.get(name);
      if (stored === undefined) throw new Error(`the checkpoint lacks ${name}`);
      data.set(stored.data);
    }
  }
}
