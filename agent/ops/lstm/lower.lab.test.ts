import { expect, it } from 'vitest';
import { logitError } from '../../../test/lab/logit-error.ts';
import { describeWithLibrary } from '../../../test/lab/with-library.ts';
import { initialParameters } from '../../lab/train/parameters.ts';
import type { Net, Node } from '../../nets/graph.ts';
import { melLstm } from '../../nets/mel.ts';
import type { Parameters } from '../../tape/parameter.ts';
import { TrainingRandom } from '../../tape/random.ts';
import type { Tf } from '../../tape/tensorflow.ts';

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

function probeError(tf: Tf, net: Net, change: (parameters: Parameters) => void): number {
  const parameters = initialParameters(net, 4);
  change(parameters);
  const random = new TrainingRandom(6);
  const clips = Array.from({ length: 8 }, (_, i) => ({
    name: `${i}`,
    fold: 1,
    label: 0,
    samples: Int16Array.from({ length: 9000 }, (_, t) => random.normal() * (t % 2000) * (i + 1)),
  }));
  return logitError(tf, net, parameters, clips);
}

describeWithLibrary('integers follow the float network', (tf) => {
  it('LSTM on a spectrogram', () => expect(probeError(tf, plain, () => {})).toBeLessThan(0.03));

  it('LSTM behind a convolution', () =>
    expect(probeError(tf, convolved, () => {})).toBeLessThan(0.03));

  it('LSTM of whose gates pruning has emptied some', () => {
    const error = probeError(tf, plain, (parameters) => {
      for (const name of ['lstm.weight', 'lstm.recurrent']) {
        const data = parameters.get(name)?.data ?? new Float32Array();
        for (let i = 0; i < data.length; i++) if (i % 44 < 20) data[i] = 0;
      }
    });
    expect(error).toBeLessThan(0.03);
  });
});
