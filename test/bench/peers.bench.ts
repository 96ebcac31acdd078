import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor4D } from '@tensorflow/tfjs-node';
import { Random, randomSamples } from '../../agent/base/random.ts';
import { CompiledModel } from '../../agent/engine/compiled-model.ts';
import { acdnet } from '../../agent/nets/acdnet.ts';
import type { Net, Node } from '../../agent/nets/graph.ts';
import { ACDNET_PRESETS } from '../../agent/nets/presets.ts';
import { randomModel } from '../../agent/nets/random-model.ts';
import { shapesOf } from '../../agent/nets/shapes.ts';
import type { Shape } from '../../agent/ops/maps.ts';
import { loadTensorflow, type Tensor, type Tf } from '../../agent/tape/tensorflow.ts';
import { type Bench, ratioOf, timed } from './bench.ts';

const ROUNDS = 15;
const WINDOWS = 20;

const MICRO = { ...ACDNET_PRESETS['micro-acdnet'], classes: 10 };
const MINI = { channels: [4, 32, 16, 32, 32, 64, 64, 128, 128, 256, 256], classes: 10 };
/** What otolith runs, and the same architecture in float for the peer. */
const PAIRS = [
  {
    ours: acdnet({ name: 'qmicro', ...MICRO, form: 'real' }),
    float: acdnet({ name: 'micro', ...MICRO, form: 'real' }),
  },
  {
    ours: acdnet({ name: 'xmini', ...MINI, form: 'paper' }),
    float: acdnet({ name: 'mini', ...MINI, form: 'real' }),
  },
];

type Step = (x: Tensor) => Tensor;

/** One node as TensorFlow runs it fastest: batch norm folded, bias and ReLU fused into the convolution. */
function stepOf(tf: Tf, node: Node, input: Shape): Step | undefined {
  switch (node.kind) {
    case 'conv': {
      const [kh, kw] = node.kernel;
      const filter = tf.randomNormal([kh, kw, input[2], node.channels], 0, 0.1) as Tensor4D;
      const bias = tf.zeros([node.channels]);
      const strides: [number, number] = [node.stride[0], node.stride[1]];
      const pool: [number, number] = [node.pool[0], node.pool[1]];
      const pad = node.padding;
      return (x) => {
        const y = tf.fused.conv2d({
          x: x as never,
          filter,
          bias,
          strides,
          pad,
          activation: 'relu',
        });
        return pool[0] * pool[1] > 1 ? tf.maxPool(y as Tensor4D, pool, pool, 'valid') : y;
      };
    }
    case 'channelsToHeight':
      return (x) => tf.transpose(x, [0, 3, 2, 1]);
    case 'average':
      return (x) => tf.mean(x, [1, 2]);
    case 'dense': {
      const weight = tf.randomNormal([input[0] * input[1] * input[2], node.units]);
      return (x) => tf.matMul(x, weight);
    }
    case 'dropout':
      return undefined;
    case 'logMel':
    case 'lstm':
      throw new Error(`no ${node.kind} here`);
  }
}

/** Runs a network in float, one window, to its scores. */
function inTensorflow(tf: Tf, net: Net): (samples: Float32Array) => Float32Array {
  const shapes = shapesOf(net);
  const steps = net.nodes.flatMap((node) => {
    const step = stepOf(tf, node, shapes.get(node.from) ?? net.input);
    return step === undefined ? [] : [step];
  });
  return (samples) => {
    const scores = tf.tidy(() =>
      steps.reduce<Tensor>((x, step) => step(x), tf.tensor4d(samples, [1, ...net.input])),
    );
    const values = scores.dataSync<'float32'>();
    scores.dispose();
    return values;
  };
}

export const bench: Bench = {
  title:
    'milliseconds a window: otolith (wasm, integers) against tfjs-node (float, fused), in turn',
  async run(print) {
    const tf = await loadTensorflow().catch(() => undefined);
    if (tf === undefined) {
      print('needs TensorFlow: deploy/setup --lab');
      return;
    }
    const cache = await mkdtemp(join(tmpdir(), 'otolith-bench-'));
    try {
      for (const { ours, float } of PAIRS) {
        const model = await CompiledModel.load(randomModel(ours, 1, ours.name), { cache });
        const peer = inTensorflow(tf, float);
        const samples = randomSamples(new Random(1), model.windowSamples);
        const real = Float32Array.from(samples, (s) => s / 32768);
        const times = { ours: [] as number[], peer: [] as number[] };
        for (let round = 0; round < ROUNDS; round++) {
          const perWindow = async (work: () => unknown): Promise<number> => {
            const ms = await timed(() => {
              for (let w = 0; w < WINDOWS; w++) work();
            });
            return ms / WINDOWS;
          };
          times.ours.push(await perWindow(() => model.run(samples)));
          times.peer.push(await perWindow(() => peer(real)));
        }
        print(
          `${ours.name}: ${median(times.ours)} ms; tfjs-node ${float.name}: ${median(times.peer)} ms`,
        );
        print(`  tfjs-node takes ${ratioOf(times.peer, times.ours)} times as long`);
      }
    } finally {
      await rm(cache, { recursive: true, force: true });
    }
  },
};

function median(values: readonly number[]): string {
  return (values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN).toFixed(2);
}
