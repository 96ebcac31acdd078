import {
  type ConvNode,
  INPUT,
  type LogMelNode,
  type Net,
  type Node,
  type Shape,
  shapesOf,
} from '../../nets/graph.ts';
import type { TrainingRandom } from '../mixing/random.ts';
import type { Kernels, Tensor } from '../tensorflow.ts';
import { convBlock } from './blocks.ts';
import { storedMap } from './fake-quantize.ts';
import { type Features, logMelFeatures } from './log-mel.ts';
import { lstm } from './lstm.ts';
import { cropTo, padTo } from './padding.ts';
import type { Parameters } from './parameters.ts';
import { type Forward, forbidden, Pass, type Simulation } from './tape.ts';

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
  /** Tables of log-mel nodes, by id, once they were needed. */
  readonly #features = new Map<string, Features>();

  /** With a simulation, batch norm is folded and maps are stored in steps (see fake-quantize.ts). */
  constructor(net: Net, parameters: Parameters, kernels: Kernels, simulation?: Simulation) {
    this.net = net;
    this.parameters = parameters;
    this.#kernels = kernels;
    this.#simulation = simulation;
    this.#shapes = shapesOf(net);
  }

  /** Logits of windows [count][window] by the running statistics. */
  infer(windows: Float32Array): Float32Array {
    return this.inferFrom(0, windows);
  }

  /** Logits from the input of node `first`, e.g. what another network's equal front gave. */
  inferFrom(first: number, input: Float32Array): Float32Array {
    return this.#kernels.tf.tidy(() => {
      const pass = this.#pass();
      const { y } = this.#forward(pass, first, this.net.nodes.length, input);
      return y.dataSync<'float32'>();
    });
  }

  /** Output of the first `count` nodes by the running statistics: of a front that training leaves as it is. */
  front(count: number, windows: Float32Array): Float32Array {
    if (count === 0) return windows;
    return this.#kernels.tf.tidy(() => {
      const pass = this.#pass();
      return this.#forward(pass, 0, count, windows).y.dataSync<'float32'>();
    });
  }

  /** Runs by the running statistics and shows each node's output, channels innermost, without inert ones. */
  inspect(
    windows: Float32Array,
    visit: (id: string, values: Float32Array, channels: number) => void,
  ): void {
    this.#kernels.tf.tidy(() => {
      const pass = this.#pass();
      const { steps } = this.#forward(pass, 0, this.net.nodes.length, windows);
      steps.forEach(({ y }, i) => {
        const { id } = this.net.nodes[i] ?? { id: '' };
        const shape = [y.shape[0] ?? 0, ...(this.#shapes.get(id) ?? [])];
        const values = cropTo(y.dataSync<'float32'>(), y.shape, shape);
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
      const pass = this.#pass(random);
      const { y, steps } = this.#forward(pass, first, this.net.nodes.length, input);
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
          return pass.gradients();
        },
        updateStatistics: () => pass.updateStatistics(),
      };
      result = { value: use(run) };
    });
    if (result === undefined) throw new Error('the pass did not run');
    return result.value;
  }

  #pass(random?: TrainingRandom): Pass {
    return new Pass(this.#kernels, this.parameters, random, this.#simulation);
  }

  /** Runs nodes `first` to `end` (excluded). */
  #forward(pass: Pass, first: number, end: number, input: Float32Array) {
    const nodes = this.net.nodes.slice(first, end);
    const [h, w, c] = this.#shapes.get(nodes[0]?.from ?? INPUT) ?? this.net.input;
    const steps: Forward[] = [];
    let x: Tensor = this.#kernels.tf.tensor4d(input, [input.length / (h * w * c), h, w, c]);
    for (const node of nodes) {
      const step = this.#node(pass, node, x);
      steps.push(step);
      x = step.y;
    }
    return { y: x, steps };
  }

  /** Channels of a block's map with the inert ones: a multiple of 8 on the long maps of the front, else of 4. */
  #width(node: ConvNode, positions: number): number {
    const residual = (n: Node): boolean => n.kind === 'conv' && n.form === 'residual';
    // A residual stream's channels are matched by number, so inert ones would shift them.
    if (residual(node) || this.net.nodes.some((n) => n.from === node.id && residual(n))) {
      return node.channels;
    }
    const multiple = positions > 10_000 ? 8 : 4;
    return Math.ceil(node.channels / multiple) * multiple;
  }

  #node(pass: Pass, node: Node, x: Tensor): Forward {
    const { tf } = this.#kernels;
    const shape = this.#shapes.get(node.id) ?? [1, 1, 1];
    switch (node.kind) {
      case 'conv':
        return convBlock(
          pass,
          node,
          x,
          this.#width(node, shape[0] * shape[1] * node.pool[0] * node.pool[1]),
        );
      case 'channelsToHeight': {
        const inert = (x.shape[3] ?? 0) - shape[0];
        const y = tf.transpose(x.slice([0, 0, 0, 0], [-1, -1, -1, shape[0]]), [0, 3, 2, 1]);
        return {
          y,
          backward: (dy) =>
            tf.pad(tf.transpose(dy as typeof y, [0, 3, 2, 1]), [
              [0, 0],
              [0, 0],
              [0, 0],
              [0, inert],
            ]),
        };
      }
      case 'average': {
        const from = x.shape;
        const positions = (from[1] ?? 1) * (from[2] ?? 1);
        const stored = storedMap(pass, node.id, x.mean([1, 2], true));
        return {
          y: stored.y,
          backward: (dy) => tf.mul(stored.backward(dy).div(positions), tf.ones(from)),
        };
      }
      case 'dropout': {
        if (pass.random === undefined) return { y: x, backward: forbidden };
        // What mimics another network's outputs has nothing to learn from gaps in them.
        if (pass.simulation !== undefined) return { y: x, backward: (dy) => dy };
        const { random } = pass;
        const keep = 1 - node.rate;
        const mask = tf.tensor(
          Float32Array.from({ length: x.size }, () => (random.uniform() < keep ? 1 / keep : 0)),
          x.shape,
        );
        return { y: x.mul(mask), backward: (dy) => dy.mul(mask) };
      }
      case 'dense':
        return this.#dense(pass, node.id, node.units, x, this.#shapes.get(node.from) ?? [1, 1, 1]);
      case 'logMel':
        return this.#logMel(node, x);
      case 'lstm':
        return lstm(pass, node, x, this.#shapes.get(node.from) ?? [1, 1, 1]);
    }
  }

  /** The features of a window are not learnt, and so is nothing before them. */
  #logMel(node: LogMelNode, x: Tensor): Forward {
    const { tf } = this.#kernels;
    const features = this.#features.get(node.id) ?? logMelFeatures(node, this.net.sampleRate);
    this.#features.set(node.id, features);
    const [h, w, c] = this.#shapes.get(node.id) ?? [1, 1, 1];
    const values = features(x.dataSync<'float32'>(), x.shape[2] ?? 1);
    return { y: tf.tensor4d(values, [x.shape[0] ?? 1, h, w, c]), backward: () => undefined };
  }

  #dense(pass: Pass, id: string, units: number, x: Tensor, input: Shape): Forward {
    const { tf } = this.#kernels;
    const [h, w, c] = input;
    const width = x.shape[3] ?? c;
    const padded = padTo(pass.effective(`${id}.weight`), [h * w, c, units], [h * w, width, units]);
    const weight = tf.tensor2d(padded, [h * w * width, units]);
    const flat = x.reshape([-1, h * w * width]);
    return {
      y: tf
        .matMul(flat, weight)
        .add(pass.vector(`${id}.bias`, units))
        .reshape([-1, 1, 1, units]),
      backward: (dy) => {
        const d = dy.reshape([-1, units]);
        const dWeight = tf.matMul(flat, d, true, false).reshape([h * w, width, units]);
        pass.give(
          `${id}.weight`,
          dWeight.slice([0, 0, 0], [-1, c, -1]).reshape([h * w * c, units]),
        );
        pass.give(`${id}.bias`, d.sum(0));
        return tf.matMul(d, weight, false, true).reshape(x.shape);
      },
    };
  }
}
