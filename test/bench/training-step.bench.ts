import type { Tensor } from '@tensorflow/tfjs-node';
import { klLoss } from '../../agent/lab/train/loss.ts';
import { TrainableNetwork } from '../../agent/lab/train/network.ts';
import { Optimizer } from '../../agent/lab/train/optimizer.ts';
import { initialParameters } from '../../agent/lab/train/parameters.ts';
import { TRAINING_ENVIRONMENT } from '../../agent/lab/train/queue.ts';
import { acdnet } from '../../agent/nets/acdnet.ts';
import type { Net } from '../../agent/nets/graph.ts';
import { ACDNET_PRESETS } from '../../agent/nets/presets.ts';
import { TrainingRandom } from '../../agent/tape/random.ts';
import { Kernels, loadTensorflow, type Tf } from '../../agent/tape/tensorflow.ts';
import { type Bench, ratioOf, timed } from './bench.ts';

const ROUNDS = 8;
const BATCH = 64;

/** The same network in tfjs's own layers. */
function stockLayers(tf: Tf, net: Net) {
  const model = tf.sequential();
  for (const [i, node] of net.nodes.entries()) {
    const inputShape = i === 0 ? { inputShape: [...net.input] } : {};
    if (node.kind === 'conv') {
      const { channels: filters, padding } = node;
      const kernelSize = [...node.kernel] as [number, number];
      const strides = [...node.stride] as [number, number];
      const pool = [...node.pool] as [number, number];
      model.add(
        tf.layers.conv2d({ filters, kernelSize, strides, padding, useBias: false, ...inputShape }),
      );
      model.add(tf.layers.batchNormalization());
      model.add(tf.layers.reLU());
      if (pool[0] * pool[1] > 1)
        model.add(tf.layers.maxPooling2d({ poolSize: pool, strides: pool }));
    } else if (node.kind === 'channelsToHeight') model.add(tf.layers.permute({ dims: [3, 2, 1] }));
    else if (node.kind === 'dropout') model.add(tf.layers.dropout({ rate: node.rate }));
    else if (node.kind === 'average') model.add(tf.layers.globalAveragePooling2d({}));
    else if (node.kind === 'dense')
      model.add(tf.layers.dense({ units: node.units, activation: 'softmax' }));
  }
  model.compile({ optimizer: tf.train.momentum(0.01, 0.9, true), loss: 'categoricalCrossentropy' });
  return async (x: Tensor, y: Tensor): Promise<void> => {
    await model.trainOnBatch(x, y);
  };
}

/** A step of the lab's own trainer. */
function labStep(tf: Tf, net: Net) {
  const parameters = initialParameters(net, 1);
  const network = new TrainableNetwork(net, parameters, new Kernels(tf));
  const optimizer = new Optimizer({ kind: 'sgd', weightDecay: 5e-4 }, parameters);
  return (windows: Float32Array, labels: Float32Array): void =>
    network.train(0, windows, new TrainingRandom(1), (run) => {
      const { gradient } = klLoss(run.logits, labels, net.classes);
      optimizer.step(parameters, run.backward(gradient), 0.01);
      run.updateStatistics();
    });
}

export const bench: Bench = {
  title: `a training step of Micro-ACDNet at batch ${BATCH}, one thread, against stock tfjs layers in turn`,
  async run(print) {
    Object.assign(process.env, TRAINING_ENVIRONMENT);
    const tf = await loadTensorflow().catch(() => undefined);
    if (tf === undefined) return print('skipped: run deploy/setup --lab');
    const net = acdnet({ name: 'm', ...ACDNET_PRESETS['micro-acdnet'], classes: 10, form: 'real' });
    const random = new TrainingRandom(4);
    const windows = Float32Array.from(
      { length: BATCH * net.input[1] },
      () => 0.1 * random.normal(),
    );
    const labels = new Float32Array(BATCH * net.classes);
    for (let i = 0; i < BATCH; i++) labels[i * net.classes + (i % net.classes)] = 1;
    const x = tf.tensor4d(windows, [BATCH, ...net.input]);
    const y = tf.tensor2d(labels, [BATCH, net.classes]);
    const stock = stockLayers(tf, net);
    const own = labStep(tf, net);
    const times = { stock: [] as number[], own: [] as number[] };
    for (let round = 0; round <= ROUNDS; round++) {
      const stockMs = await timed(() => stock(x, y));
      const ownMs = await timed(() => own(windows, labels));
      // The first round also loads and compiles.
      if (round === 0) continue;
      times.stock.push(stockMs);
      times.own.push(ownMs);
    }
    const median = (all: readonly number[]): string =>
      ([...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN).toFixed(0);
    print(`stock layers ${median(times.stock)} ms, the lab's step ${median(times.own)} ms`);
    print(`ratio ${ratioOf(times.stock, times.own)}`);
  },
};
