import { resized } from './padding.ts';
import type { Parameter, Parameters } from './parameter.ts';
import type { TrainingRandom } from './random.ts';
import type { Kernels, Tensor } from './tensorflow.ts';

/** What a node gives: its output, and the way from the output's gradient to the input's. */
export interface Forward {
  readonly y: Tensor;
  /** Records the gradients of the node's parameters; gives the input's unless the input is the window itself. */
  readonly backward: (dy: Tensor) => Tensor | undefined;
}

/** A part of a node through which a gradient always passes. */
export interface Through extends Forward {
  readonly backward: (dy: Tensor) => Tensor;
}

export const forbidden = (): never => {
  throw new Error('no gradient outside training');
};

/** The 8-bit form that a network in training mimics. */
export interface Simulation {
  /** Largest value that each stored map can hold, by node. */
  readonly tops: ReadonlyMap<string, number>;
}

/** New running statistics of one batch norm, from this batch. */
interface Statistics {
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/**
 * One run of a network over a batch, forwards and backwards: hands out padded parameters, gathers gradients and batch
 * statistics. Lives within one `tf.tidy`.
 */
export class Tape {
  readonly kernels: Kernels;
  readonly training: boolean;
  /** Draws dropout masks in training. */
  readonly random: TrainingRandom | undefined;
  readonly simulation: Simulation | undefined;
  readonly #parameters: Parameters;
  readonly #gradients = new Map<string, Tensor>();
  readonly #statistics = new Map<string, Statistics>();

  constructor(
    kernels: Kernels,
    parameters: Parameters,
    random?: TrainingRandom | undefined,
    simulation?: Simulation | undefined,
  ) {
    this.kernels = kernels;
    this.#parameters = parameters;
    this.training = random !== undefined;
    this.random = random;
    this.simulation = simulation;
  }

  #parameter(name: string): Parameter {
    const found = this.#parameters.get(name);
    if (found === undefined) throw new Error(`no parameter ${name}`);
    return found;
  }

  get(name: string): Float32Array {
    return this.#parameter(name).data;
  }

  /** A per-channel vector, with zeros for inert channels. */
  vector(name: string, channels: number): Tensor {
    return this.kernels.tf.tensor1d(resized(this.get(name), [this.get(name).length], [channels]));
  }

  /** Weights as their node multiplies with them. */
  effective(name: string): Float32Array {
    const { data, shape, form } = this.#parameter(name);
    return form === undefined ? data : form.effective(data, shape.at(-1) ?? 1);
  }

  /** A kernel as its block multiplies with it, padded. */
  kernel(name: string, padded: readonly [number, number, number, number]): Tensor {
    const { shape } = this.#parameter(name);
    return this.kernels.tf.tensor4d(resized(this.effective(name), shape, padded), [...padded]);
  }

  /** Notes the gradient of a (padded) parameter. */
  give(name: string, gradient: Tensor): void {
    this.#gradients.set(name, gradient);
  }

  note(id: string, statistics: Statistics): void {
    this.#statistics.set(id, statistics);
  }

  /** Gradients by the stored parameters, unpadded. */
  gradients(): ReadonlyMap<string, Float32Array> {
    const out = new Map<string, Float32Array>();
    for (const [name, tensor] of this.#gradients) {
      const { data, shape, form } = this.#parameter(name);
      const cropped = resized(tensor.dataSync<'float32'>(), tensor.shape, shape);
      out.set(name, form ? form.pullBack(data, cropped, shape.at(-1) ?? 1) : cropped);
    }
    return out;
  }

  /** Moves the running statistics a tenth of the way to this batch's. */
  updateStatistics(): void {
    for (const [id, { mean, variance }] of this.#statistics) {
      blend(this.get(`${id}.mean`), mean.dataSync<'float32'>());
      blend(this.get(`${id}.variance`), variance.dataSync<'float32'>());
    }
  }
}

const STATISTICS_MOMENTUM = 0.1;

function blend(running: Float32Array, batch: Float32Array): void {
  for (let i = 0; i < running.length; i++) {
    running[i] = (running[i] ?? 0) + STATISTICS_MOMENTUM * ((batch[i] ?? 0) - (running[i] ?? 0));
  }
}
