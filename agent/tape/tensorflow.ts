// biome-ignore lint/suspicious/noTsIgnore: an expected error would be one where the library is there
/** @ts-ignore Installed for development alone: whoever has the package without it sees none of these types. */
import type * as TensorFlow from '@tensorflow/tfjs-node';
import { reasonOf, UserError } from '../base/errors.ts';
import { trainingHint } from '../base/set-up-hint.ts';
import { EPSILON } from './epsilon.ts';

export type Tf = typeof TensorFlow;
export type Tensor = TensorFlow.Tensor;

/**
 * Loads TensorFlow, only when training asks for it: everything else works without.
 * @throws UserError `lab-library` if `deploy/setup --lab` has not been run.
 */
export async function loadTensorflow(): Promise<Tf> {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  try {
    const module = await import('@tensorflow/tfjs-node');
    return 'default' in module ? (module.default as Tf) : module;
  } catch (cause) {
    throw new UserError(
      'lab-library',
      `TensorFlow's library is not here (${reasonOf(cause).split('. ')[0]})`,
      {
        hint: trainingHint(),
        cause,
      },
    );
  }
}

/** A numbered attribute of a TensorFlow operator, as the addon takes it. */
interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** What of tfjs-node's backend runs an operator by its TensorFlow name. */
interface NodeBackend {
  readonly binding: Readonly<Record<string, number>>;
  executeSingleOutput(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly Tensor[],
  ): Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly Tensor[],
    outputs: number,
  ): Tensor[];
}

export interface ConvGeometry {
  readonly stride: readonly [number, number];
  readonly padding: 'valid' | 'same';
}

/** A batch normalised over all but its last axis, and what the gradient needs again. */
export interface Normalised {
  readonly y: Tensor;
  readonly mean: Tensor;
  /** Of the batch, with Bessel's correction as TensorFlow reports it. */
  readonly variance: Tensor;
  readonly reserve: readonly [Tensor, Tensor, Tensor];
}

/**
 * Its backend, of whose internals `tensorflow.lab.test.ts` holds what is used here.
 * @throws UserError `lab-library` where it is another than that of tfjs-node
 */
function backendOf(tf: Tf): NodeBackend {
  const backend: object = tf.backend();
  if (isNodeBackend(backend)) return backend;
  throw new UserError(
    'lab-library',
    "TensorFlow's library is not the one that otolith was made for (@tensorflow/tfjs-node)",
    { hint: trainingHint() },
  );
}

function isNodeBackend(backend: object): backend is NodeBackend {
  return ['binding', 'executeSingleOutput', 'executeMultipleOutputs'].every((n) => n in backend);
}

/**
 * TensorFlow operators that tfjs does not expose: the fused batch norm and the gradient kernels. A training step
 * written with them takes a third to a quarter of the time of stock layers, whose gradients are made of small operators.
 */
export class Kernels {
  readonly tf: Tf;
  readonly #backend: NodeBackend;
  readonly #none: Tensor;

  constructor(tf: Tf) {
    this.tf = tf;
    this.#backend = backendOf(tf);
    this.#none = tf.keep(tf.tensor1d([]));
  }

  conv(x: Tensor, kernel: Tensor, geometry: ConvGeometry): Tensor {
    return this.#one('Conv2D', this.#convAttributes(geometry), [x, kernel]);
  }

  /** Gradient of a convolution by its kernel. */
  convKernelGradient(x: Tensor, kernel: Tensor, dy: Tensor, geometry: ConvGeometry): Tensor {
    const shape = this.tf.tensor1d(kernel.shape, 'int32');
    return this.#one('Conv2DBackpropFilter', this.#convAttributes(geometry), [x, shape, dy]);
  }

  /** Gradient of a convolution by its input. */
  convInputGradient(x: Tensor, kernel: Tensor, dy: Tensor, geometry: ConvGeometry): Tensor {
    const shape = this.tf.tensor1d(x.shape, 'int32');
    return this.#one('Conv2DBackpropInput', this.#convAttributes(geometry), [shape, kernel, dy]);
  }

  batchNorm(x: Tensor, gamma: Tensor, beta: Tensor): Normalised {
    const attributes = [
      ...this.#normAttributes(),
      this.#attribute('exponential_avg_factor', 'TF_ATTR_FLOAT', 1),
    ];
    const inputs = [x, gamma, beta, this.#none, this.#none];
    const [y, mean, variance, r1, r2, r3] = this.#many('FusedBatchNormV3', attributes, inputs, 6);
    if (!y || !mean || !variance || !r1 || !r2 || !r3) throw new Error('FusedBatchNormV3');
    return { y, mean, variance, reserve: [r1, r2, r3] };
  }

  /** Gradients by the input, gamma and beta. */
  batchNormGradient(
    dy: Tensor,
    x: Tensor,
    gamma: Tensor,
    reserve: Normalised['reserve'],
  ): readonly [dx: Tensor, dGamma: Tensor, dBeta: Tensor] {
    const inputs = [dy, x, gamma, ...reserve];
    const out = this.#many('FusedBatchNormGradV3', this.#normAttributes(), inputs, 5);
    const [dx, dGamma, dBeta] = out;
    if (!dx || !dGamma || !dBeta) throw new Error('FusedBatchNormGradV3');
    return [dx, dGamma, dBeta];
  }

  relu(x: Tensor): Tensor {
    return this.#one('Relu', [this.#type()], [x]);
  }

  /** `dy` where the ReLU's output `y` is positive. */
  reluGradient(dy: Tensor, y: Tensor): Tensor {
    return this.#one('ReluGrad', [this.#type()], [dy, y]);
  }

  /** `dy` times the derivative of the logistic function where it gave `y`. */
  sigmoidGradient(dy: Tensor, y: Tensor): Tensor {
    return this.#one('SigmoidGrad', [this.#type()], [y, dy]);
  }

  /** `dy` times the derivative of tanh where it gave `y`. */
  tanhGradient(dy: Tensor, y: Tensor): Tensor {
    return this.#one('TanhGrad', [this.#type()], [y, dy]);
  }

  maxPool(x: Tensor, pool: readonly [number, number]): Tensor {
    return this.#one('MaxPool', this.#poolAttributes(pool), [x]);
  }

  maxPoolGradient(x: Tensor, y: Tensor, dy: Tensor, pool: readonly [number, number]): Tensor {
    return this.#one('MaxPoolGrad', this.#poolAttributes(pool), [x, y, dy]);
  }

  #one(name: string, attributes: readonly Attribute[], inputs: readonly Tensor[]): Tensor {
    return this.#backend.executeSingleOutput(name, attributes, inputs);
  }

  #many(name: string, attributes: readonly Attribute[], inputs: readonly Tensor[], count: number) {
    return this.#backend.executeMultipleOutputs(name, attributes, inputs, count);
  }

  #attribute(name: string, type: string, value: unknown): Attribute {
    return { name, type: this.#backend.binding[type] ?? 0, value };
  }

  #type(name = 'T'): Attribute {
    return this.#attribute(name, 'TF_ATTR_TYPE', this.#backend.binding.TF_FLOAT);
  }

  #format(): Attribute {
    return this.#attribute('data_format', 'TF_ATTR_STRING', 'NHWC');
  }

  #normAttributes(): readonly Attribute[] {
    return [
      this.#type(),
      this.#type('U'),
      this.#attribute('epsilon', 'TF_ATTR_FLOAT', EPSILON),
      this.#format(),
      this.#attribute('is_training', 'TF_ATTR_BOOL', true),
    ];
  }

  #convAttributes({ stride, padding }: ConvGeometry): readonly Attribute[] {
    return [
      this.#type(),
      this.#attribute('strides', 'TF_ATTR_INT', [1, ...stride, 1]),
      this.#attribute('padding', 'TF_ATTR_STRING', padding.toUpperCase()),
      this.#format(),
      this.#attribute('use_cudnn_on_gpu', 'TF_ATTR_BOOL', true),
      this.#attribute('dilations', 'TF_ATTR_INT', [1, 1, 1, 1]),
      this.#attribute('explicit_paddings', 'TF_ATTR_INT', []),
    ];
  }

  #poolAttributes(pool: readonly [number, number]): readonly Attribute[] {
    return [
      this.#type(),
      this.#attribute('ksize', 'TF_ATTR_INT', [1, ...pool, 1]),
      this.#attribute('strides', 'TF_ATTR_INT', [1, ...pool, 1]),
      this.#attribute('padding', 'TF_ATTR_STRING', 'VALID'),
      this.#format(),
      this.#attribute('explicit_paddings', 'TF_ATTR_INT', []),
    ];
  }
}
