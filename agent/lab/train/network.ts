import { INPUT, type Net, type Node } from '../../nets/graph.ts';
import { readsOf } from '../../nets/readers.ts';
import { shapesOf } from '../../nets/shapes.ts';
import type { Shape } from '../../ops/maps.ts';
import { resized } from '../../tape/padding.ts';
import type { Parameters } from '../../tape/parameter.ts';
import type { TrainingRandom } from '../../tape/random.ts';
import { type Forward, type Simulation, Tape } from '../../tape/tape.ts';
import type { Kernels, Tensor } from '../../tape/tensorflow.ts';
import { gradientsOf } from './gradients.ts';

/** What a training step needs of one run over a batch. */
export interface BatchRun {
  /** [count][classes] */
  readonly logits: Float32Array;
  /** Gradients by every trained parameter for a gradient of the logits; call once, within the same tidy. */
  readonly backward: (
    dLogits: Float32Array,
    /** Shown each node's output and the loss's gradient by it, last node first. */
    watch?: (id: string, y: Tensor, dy: Tensor) => void,
  ) => ReadonlyMap<string, Float32Array>;
  readonly updateStatistics: () => void;
}

/** A network with its parameters, run by TensorFlow. Linear graphs only: each node reads the one before it. */
export class TrainableNetwork {
  readonly net: Net;
  readonly parameters: Parameters;
  readonly #kernels: Kernels;
  readonly #simulation: Simulation | undefined;
  readonly #shapes: ReadonlyMap<string, Shape>;
  /** What runs each node. */
  readonly #steps: readonly ((tape: Tape, x: Tensor) => Forward)[];

  /** With a simulation, batch norm is folded and maps are stored in steps (see fake-quantize.ts). */
  constructor(net: Net, parameters: Parameters, kernels: Kernels, simulation?: Simulation) {
    this.net = net;
    this.parameters = parameters;
    this.#kernels = kernels;
    this.#simulation = simulation;
    this.#shapes = shapesOf(net);
    this.#steps = net.nodes.map((node) => this.#step(node));
  }

  /** Logits of windows [count][window] by the running statistics. */
  infer(windows: Float32Array): Float32Array {
    return this.inferFrom(0, windows);
  }

  /** Logits from the input of node `first`, e.g. what another network's equal front gave. */
  inferFrom(first: number, input: Float32Array): Float32Array {
    return this.#kernels.tf.tidy(() => {
      const tape = this.#tape();
      const { y } = this.#forward(tape, first, this.net.nodes.length, input);
      return y.dataSync<'float32'>();
    });
  }

  /** Output of the first `count` nodes by the running statistics: of a front that training leaves as it is. */
  front(count: number, windows: Float32Array): Float32Array {
    if (count === 0) return windows;
    return this.#kernels.tf.tidy(() => {
      const tape = this.#tape();
      return this.#forward(tape, 0, count, windows).y.dataSync<'float32'>();
    });
  }

  /** Runs by the running statistics and shows each node's output, channels innermost, without inert ones. */
  inspect(
    windows: Float32Array,
    visit: (id: string, values: Float32Array, channels: number) => void,
  ): void {
    this.#kernels.tf.tidy(() => {
      const tape = this.#tape();
      const { steps } = this.#forward(tape, 0, this.net.nodes.length, windows);
      steps.forEach(({ y }, i) => {
        const { id } = this.net.nodes[i] ?? { id: '' };
        const shape = [y.shape[0] ?? 0, ...(this.#shapes.get(id) ?? [])];
        const values = resized(y.dataSync<'float32'>(), y.shape, shape);
        visit(id, values, shape.at(-1) ?? 1);
      });
    });
  }

  /** Runs a training batch from the input of node `first` and hands it to `use` within one tidy; `random` draws dropout. */
  train<T>(
    first: number,
    input: Float32Array,
    random: TrainingRandom,
    use: (run: BatchRun) => T,
  ): T {
    let result: { readonly value: T } | undefined;
    this.#kernels.tf.tidy(() => {
      const tape = this.#tape(random);
      const { y, steps } = this.#forward(tape, first, this.net.nodes.length, input);
      const logits = y.reshape([-1, this.net.classes]);
      const run: BatchRun = {
        logits: logits.dataSync<'float32'>(),
        backward: (dLogits, watch) => {
          let dy: Tensor | undefined = this.#kernels.tf.tensor(dLogits, y.shape);
          for (let i = steps.length - 1; i >= 0 && dy !== undefined; i--) {
            const step = steps[i];
            if (step === undefined) break;
            watch?.(this.net.nodes[first + i]?.id ?? '', step.y, dy);
            dy = step.backward(dy);
          }
          return tape.gradients();
        },
        updateStatistics: () => tape.updateStatistics(),
      };
      result = { value: use(run) };
    });
    if (result === undefined) throw new Error('the batch did not run');
    return result.value;
  }

  #tape(random?: TrainingRandom): Tape {
    return new Tape(this.#kernels, this.parameters, random, this.#simulation);
  }

  /** Runs nodes `first` to `end` (excluded). */
  #forward(tape: Tape, first: number, end: number, input: Float32Array) {
    const [h, w, c] = this.#shapes.get(this.net.nodes[first]?.from ?? INPUT) ?? this.net.input;
    const steps: Forward[] = [];
    let x: Tensor = this.#kernels.tf.tensor4d(input, [input.length / (h * w * c), h, w, c]);
    for (const run of this.#steps.slice(first, end)) {
      const step = run(tape, x);
      steps.push(step);
      x = step.y;
    }
    return { y: x, steps };
  }

  #step(node: Node): (tape: Tape, x: Tensor) => Forward {
    const shape = (id: string): Shape => this.#shapes.get(id) ?? [1, 1, 1];
    const readers = this.net.nodes.filter((n) => n.from === node.id);
    return gradientsOf(node).forward(node, {
      input: shape(node.from),
      output: shape(node.id),
      sampleRate: this.net.sampleRate,
      // A residual stream's channels are matched by number, so inert ones would shift them.
      matched: [node, ...readers].some((n) => readsOf(n) === 'int16'),
    });
  }
}
