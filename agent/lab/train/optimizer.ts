import type { Parameter, Parameters } from '../../tape/parameter.ts';

export interface OptimizerOptions {
  readonly kind: 'sgd' | 'adam';
  /** L2 penalty on every trained number but latent binary weights. */
  readonly weightDecay: number;
}

const MOMENTUM = 0.9;
const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/**
 * SGD with Nesterov momentum, or Adam. A network of this size has about as many weights as one audio window has
 * samples, so the update is plain arithmetic on arrays, which also makes it the same on every machine.
 */
export class Optimizer {
  readonly #options: OptimizerOptions;
  /** Momentum, and for Adam the second moment, by parameter name. */
  readonly #first = new Map<string, Float32Array>();
  readonly #second = new Map<string, Float32Array>();
  #steps = 0;

  constructor(options: OptimizerOptions, parameters: Parameters) {
    this.#options = options;
    for (const { name, data, trained } of parameters.values()) {
      if (!trained) continue;
      this.#first.set(name, new Float32Array(data.length));
      if (options.kind === 'adam') this.#second.set(name, new Float32Array(data.length));
    }
  }

  /** Moves the parameters by one step, then back within their bounds. */
  step(
    parameters: Parameters,
    gradients: ReadonlyMap<string, Float32Array>,
    learningRate: number,
  ): void {
    this.#steps++;
    for (const parameter of parameters.values()) {
      const gradient = gradients.get(parameter.name);
      const first = this.#first.get(parameter.name);
      if (gradient === undefined || first === undefined) continue;
      const second = this.#second.get(parameter.name);
      const decay = parameter.form?.decays === false ? 0 : this.#options.weightDecay;
      const moved = { data: parameter.data, gradient, first, decay };
      if (second === undefined) sgd(moved, learningRate);
      else adam(moved, second, learningRate, this.#steps);
      constrain(parameter);
    }
  }

  /** Everything a resumed training needs, by array name. */
  state(): ReadonlyMap<string, Float32Array> {
    const out = new Map<string, Float32Array>();
    for (const [name, data] of this.#first) out.set(`first:${name}`, data);
    for (const [name, data] of this.#second) out.set(`second:${name}`, data);
    return out;
  }

  /** Continues from a stored state after `steps` updates. */
  restore(state: ReadonlyMap<string, { readonly data: ArrayLike<number> }>, steps: number): void {
    this.#steps = steps;
    for (const [name, data] of this.state()) {
      const stored = state.get(name);
      if (stored === undefined) throw new Error(`the checkpoint lacks ${name}`);
      data.set(stored.data);
    }
  }
}

/** One parameter in an update. */
interface Moved {
  readonly data: Float32Array;
  readonly gradient: Float32Array;
  /** First moment, or velocity. */
  readonly first: Float32Array;
  readonly decay: number;
}

function sgd({ data, gradient, first, decay }: Moved, rate: number): void {
  for (let i = 0; i < data.length; i++) {
    const w = data[i] ?? 0;
    const g = (gradient[i] ?? 0) + decay * w;
    const v = MOMENTUM * (first[i] ?? 0) + g;
    first[i] = v;
    data[i] = w - rate * (g + MOMENTUM * v);
  }
}

function adam(
  { data, gradient, first, decay }: Moved,
  second: Float32Array,
  rate: number,
  steps: number,
): void {
  const { beta1, beta2, epsilon } = ADAM;
  const correct1 = 1 - beta1 ** steps;
  const correct2 = 1 - beta2 ** steps;
  for (let i = 0; i < data.length; i++) {
    const w = data[i] ?? 0;
    const g = (gradient[i] ?? 0) + decay * w;
    const m = beta1 * (first[i] ?? 0) + (1 - beta1) * g;
    const v = beta2 * (second[i] ?? 0) + (1 - beta2) * g * g;
    first[i] = m;
    second[i] = v;
    data[i] = w - (rate * (m / correct1)) / (Math.sqrt(v / correct2) + epsilon);
  }
}

/** Applies a parameter's bounds and the projection of its weight form. */
export function constrain({ data, shape, bounds, form }: Parameter): void {
  if (bounds !== undefined) {
    const [min, max] = bounds;
    for (let i = 0; i < data.length; i++) data[i] = Math.max(min, Math.min(max, data[i] ?? 0));
  }
  form?.project(data, shape.at(-2) ?? 1, shape.at(-1) ?? 1);
}
