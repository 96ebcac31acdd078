import { expect, it } from 'vitest';
import { logitError } from '../../../test/lab/logit-error.ts';
import { describeWithLibrary } from '../../../test/lab/with-library.ts';
import { type AcdnetForm, acdnet } from '../../nets/acdnet.ts';
import type { Net } from '../../nets/graph.ts';
import type { Parameters } from '../../tape/parameter.ts';
import { TrainingRandom } from '../../tape/random.ts';
import { Kernels, type Tf } from '../../tape/tensorflow.ts';
import type { Clip } from '../data/dataset.ts';
import { TrainableNetwork } from '../train/network.ts';
import { constrain } from '../train/optimizer.ts';
import { initialParameters } from '../train/parameters.ts';

const SAMPLES = 6425;
const CHANNELS = [4, 8, 8, 8, 8, 8, 16, 12, 16, 16, 16];

/** Parameters as after a training: no norm at identity and some gammas negative. */
function spread(parameters: Parameters): void {
  const random = new TrainingRandom(5);
  for (const { name, data } of parameters.values()) {
    if (name.endsWith('weight')) continue;
    data.forEach((value, i) => {
      if (name.endsWith('variance')) data[i] = value + 3 * random.uniform();
      else if (name.endsWith('slope')) data[i] = 0.9 * random.uniform();
      else if (name.endsWith('gamma')) {
        data[i] = random.uniform() < 0.2 ? -value : value + 0.3 * random.uniform();
      } else data[i] = value + 0.2 * random.normal();
    });
  }
}

/** Brings the running statistics to those of the clips: without them, no sign of the paper's form would ever change. */
function settle(tf: Tf, net: Net, parameters: Parameters, clips: readonly Clip[]): void {
  const network = new TrainableNetwork(net, parameters, new Kernels(tf));
  const windows = Float32Array.from(
    clips.flatMap((c) => Array.from(c.samples.subarray(0, SAMPLES))),
    (s) => s / 32768,
  );
  for (let i = 0; i < 40; i++)
    network.train(0, windows, new TrainingRandom(7, i), (run) => run.updateStatistics());
}

function probeError(tf: Tf, form: AcdnetForm): number {
  const net = acdnet({
    name: 'probe',
    channels: CHANNELS,
    conv12: 8,
    classes: 3,
    form,
    samples: SAMPLES,
  });
  const parameters = initialParameters(net, 4);
  spread(parameters);
  for (const parameter of parameters.values()) constrain(parameter);
  const random = new TrainingRandom(6);
  const clips = Array.from({ length: 12 }, (_, i) => ({
    name: `${i}`,
    fold: 1,
    label: 0,
    samples: Int16Array.from({ length: 9000 }, () => random.normal() * 300 * (i + 1)),
  }));
  if (form === 'paper') settle(tf, net, parameters, clips);
  return logitError(tf, net, parameters, clips);
}

describeWithLibrary('integers follow the float network', (tf) => {
  it('8 bit', () => expect(probeError(tf, 'real')).toBeLessThan(0.05));
  // Signs of values near their threshold turn over when the front is rounded to 8 bits.
  it('residual XNOR, shortcuts widening and narrowing, negative gammas', () =>
    expect(probeError(tf, 'residual')).toBeLessThan(0.15));
  it('paper XNOR, thresholds of sums of signs', () =>
    expect(probeError(tf, 'paper')).toBeLessThan(0.02));
});
