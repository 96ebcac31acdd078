import { expect, it } from 'vitest';
import { runReference } from '../../model/reference.ts';
import type { Net, Node } from '../../nets/graph.ts';
import { melLstm } from '../../nets/mel.ts';
import { TrainingRandom } from '../mixing/random.ts';
import { Kernels, type Tf } from '../tensorflow.ts';
import { TrainableNetwork } from '../train/network.ts';
import { initialParameters, type Parameters } from '../train/parameters.ts';
import { describeWithLibrary } from '../with-library.ts';
import { deploy } from './deploy.ts';
import { observe } from './observe.ts';

const SAMPLES = 6425;
const plain = melLstm({
  name: 'probe',
  units: 11,
  classes: 3,
  samples: SAMPLES,
  frame: 256,
  hop: 200,
  bands: 12,
});

/** A convolution of three channels between the spectrogram and the recurrent layer. */
const convolved: Net = {
  ...plain,
  nodes: plain.nodes.flatMap((node): readonly Node[] => {
    if (node.kind !== 'lstm') return [node];
    const sizes = { kernel: [3, 3], stride: [1, 1], pool: [1, 2], channels: 3 } as const;
    const form = { kind: 'conv', form: 'plain', padding: 'same' } as const;
    return [
      { id: 'conv', from: 'mel', ...form, ...sizes },
      { ...node, from: 'conv' },
    ];
  }),
};

/** Root mean square error of the integer logits relative to the float ones, over some windows. */
function logitError(tf: Tf, net: Net, change: (parameters: Parameters) => void): number {
  const parameters = initialParameters(net, 4);
  change(parameters);
  const network = new TrainableNetwork(net, parameters, new Kernels(tf));
  const random = new TrainingRandom(6);
  const clips = Array.from({ length: 8 }, (_, i) => ({
    name: `${i}`,
    fold: 1,
    label: 0,
    samples: Int16Array.from({ length: 9000 }, (_, t) => random.normal() * (t % 2000) * (i + 1)),
  }));
  const provenance = { weights: 'random', network: 'probe' } as const;
  const model = deploy({
    net,
    parameters,
    observed: observe(network, clips),
    calibration: 'minmax',
    biasCorrection: true,
    metadata: { name: 'probe', labels: ['a', 'b', 'c'], provenance },
  });
  const last = model.layers.at(-1)?.layer;
  const scale = last?.kind === 'dense' ? last.output.scale : 0;
  let error = 0;
  let power = 0;
  for (const clip of clips.slice(2, 6)) {
    const window = clip.samples.slice(0, SAMPLES);
    const logits = network.infer(Float32Array.from(window, (s) => s / 32768));
    const { scores } = runReference(model, window);
    logits.forEach((logit, c) => {
      error += (logit - (scores[c] ?? 0) * scale) ** 2;
      power += logit ** 2;
    });
  }
  return Math.sqrt(error / power);
}

describeWithLibrary('integers follow the float network', (tf) => {
  it('LSTM on a spectrogram', () => expect(logitError(tf, plain, () => {})).toBeLessThan(0.03));

  it('LSTM behind a convolution', () =>
    expect(logitError(tf, convolved, () => {})).toBeLessThan(0.03));

  it('LSTM of whose gates pruning has emptied some', () => {
    const error = logitError(tf, plain, (parameters) => {
      for (const name of ['lstm.weight', 'lstm.recurrent']) {
        const data = parameters.get(name)?.data ?? new Float32Array();
        for (let i = 0; i < data.length; i++) if (i % 44 < 20) data[i] = 0;
      }
    });
    expect(error).toBeLessThan(0.03);
  });
});
