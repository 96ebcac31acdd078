import { expect, it } from 'vitest';
import { runReference } from '../../model/reference.ts';
import { type AcdnetForm, acdnet } from '../../nets/acdnet.ts';
import { TrainingRandom } from '../mixing/random.ts';
import { Kernels, type Tf } from '../tensorflow.ts';
import { TrainableNetwork } from '../train/network.ts';
import { initialParameters, type Parameters } from '../train/parameters.ts';
import { describeWithLibrary } from '../with-library.ts';
import { deploy } from './deploy.ts';
import { observe } from './observe.ts';

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

/** Root mean square error of the integer logits relative to the float ones, over some windows. */
function logitError(tf: Tf, form: AcdnetForm): number {
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
  const network = new TrainableNetwork(net, parameters, new Kernels(tf));
  const random = new TrainingRandom(6);
  const clips = Array.from({ length: 12 }, (_, i) => ({
    name: `${i}`,
    fold: 1,
    label: 0,
    samples: Int16Array.from({ length: 9000 }, () => random.normal() * 300 * (i + 1)),
  }));
  const model = deploy({
    net,
    parameters,
    observed: observe(network, clips),
    calibration: 'minmax',
    biasCorrection: true,
    metadata: {
      name: 'probe',
      labels: ['a', 'b', 'c'],
      provenance: { weights: 'random', network: 'probe' },
    },
  });
  const last = model.layers.at(-1)?.layer;
  const scale = last?.kind === 'dense' ? last.output.scale : 0;
  let error = 0;
  let power = 0;
  for (const clip of clips.slice(3, 7)) {
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
  it('8 bit', () => expect(logitError(tf, 'real')).toBeLessThan(0.05));
  // Signs of values near their threshold turn over when the front is rounded to 8 bits.
  it('residual XNOR, shortcuts widening and narrowing, negative gammas', () =>
    expect(logitError(tf, 'residual')).toBeLessThan(0.15));
});
