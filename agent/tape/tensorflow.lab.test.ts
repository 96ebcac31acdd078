import type { Tensor, Tensor4D } from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { describeWithLibrary } from '../../test/lab/with-library.ts';
import { EPSILON } from './epsilon.ts';
import { Kernels, type Tf } from './tensorflow.ts';

/** What Kernels asks of tfjs-node's backend is no public interface: here it is held against operators that are. */
describeWithLibrary('operators by the backend that tfjs does not expose', (tf) => {
  const random = (shape: readonly number[], seed: number): Tensor4D => {
    const [n = 1, h = 1, w = 1, c = 1] = shape;
    return tf.randomUniform([n, h, w, c], -1, 1, 'float32', seed);
  };
  const near = (ours: Tensor, theirs: Tensor): void => {
    expect(ours.shape).toEqual(theirs.shape);
    expect(tf.max(tf.abs(tf.sub(ours, theirs))).dataSync()[0]).toBeLessThan(1e-4);
  };

  describe.each([
    { stride: [1, 1], padding: 'same' },
    { stride: [2, 1], padding: 'valid' },
    { stride: [1, 3], padding: 'same' },
  ] as const)('a convolution, $padding, stride $stride', (geometry) => {
    it('and its gradients', () => {
      const kernels = new Kernels(tf);
      const [x, kernel] = [random([2, 7, 9, 3], 1), random([3, 2, 3, 5], 2)];
      const conv = (a: Tensor, k: Tensor): Tensor =>
        tf.conv2d(a as Tensor4D, k as Tensor4D, [...geometry.stride], geometry.padding);
      const y = kernels.conv(x, kernel, geometry);
      near(y, conv(x, kernel));
      const dy = random(y.shape, 3);
      const [dx, dKernel] = tf.grads(conv)([x, kernel], dy);
      near(kernels.convInputGradient(x, kernel, dy, geometry), dx ?? x);
      near(kernels.convKernelGradient(x, kernel, dy, geometry), dKernel ?? kernel);
    });
  });

  it('batch norm over a batch, its statistics and gradients', () => {
    const kernels = new Kernels(tf);
    const [x, dy] = [random([4, 3, 5, 2], 4), random([4, 3, 5, 2], 5)];
    const [gamma, beta] = [tf.tensor1d([1.5, -0.5]), tf.tensor1d([0.25, 2])];
    const norm = (a: Tensor, g: Tensor, b: Tensor): Tensor => {
      const { mean, variance } = tf.moments(a, [0, 1, 2]);
      return a.sub(mean).div(variance.add(EPSILON).sqrt()).mul(g).add(b);
    };
    const ours = kernels.batchNorm(x, gamma, beta);
    near(ours.y, norm(x, gamma, beta));
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    near(ours.mean, mean);
    near(ours.variance, variance.mul(60 / 59));
    const [dx, dGamma, dBeta] = tf.grads(norm)([x, gamma, beta], dy);
    const gradients = kernels.batchNormGradient(dy, x, gamma, ours.reserve);
    near(gradients[0], dx ?? x);
    near(gradients[1], dGamma ?? gamma);
    near(gradients[2], dBeta ?? beta);
  });

  it.each([
    ['relu', (k: Kernels, a: Tensor) => k.relu(a), 'reluGradient', (t: Tf, a: Tensor) => t.relu(a)],
    [
      'sigmoid',
      (_: Kernels, a: Tensor) => a.sigmoid(),
      'sigmoidGradient',
      (t: Tf, a: Tensor) => t.sigmoid(a),
    ],
    ['tanh', (_: Kernels, a: Tensor) => a.tanh(), 'tanhGradient', (t: Tf, a: Tensor) => t.tanh(a)],
  ] as const)('%s and its gradient', (_name, forward, gradient, theirs) => {
    const kernels = new Kernels(tf);
    const [x, dy] = [random([1, 2, 3, 4], 6), random([1, 2, 3, 4], 7)];
    const y = forward(kernels, x);
    near(y, theirs(tf, x));
    near(kernels[gradient](dy, y), tf.grad((a) => theirs(tf, a))(x, dy));
  });

  it('a max pool and its gradient', () => {
    const kernels = new Kernels(tf);
    const x = random([2, 7, 8, 3], 8);
    const pool = (a: Tensor): Tensor => tf.maxPool(a as Tensor4D, [2, 3], [2, 3], 'valid');
    const y = kernels.maxPool(x, [2, 3]);
    near(y, pool(x));
    const dy = random(y.shape, 9);
    near(kernels.maxPoolGradient(x, y, dy, [2, 3]), tf.grad(pool)(x, dy));
  });
});

it('says which library it wants where the backend is another', () => {
  const other = { backend: () => ({}), version: { tfjs: '9.9.9' } } as unknown as Tf;
  expect(() => new Kernels(other)).toThrow(/TensorFlow's library is not the one/);
});
