import { acdnet } from '../../agent/nets/acdnet.ts';
import { randomModel } from '../../agent/nets/random-model.ts';
import type { Network } from '../../agent/run/network.ts';
import type { NetworkResult } from '../../agent/run/window-result.ts';

/** A network that gives these scores, whatever it hears; its model is a small one of random weights. */
export function networkOf(
  name: string,
  classes: readonly string[] = ['dog', 'rain', 'crackling_fire'],
  scores: (samples: Int16Array) => readonly number[] = () => classes.map(() => 0),
  form: 'real' | 'residual' = 'real',
): Network {
  const net = acdnet({ name, channels: Array(11).fill(4), classes: classes.length, form });
  const { metadata, ...model } = randomModel(net, 1, name);
  const run = (samples: Int16Array) => {
    const given = Int32Array.from(scores(samples));
    const best = given.indexOf(Math.max(...given));
    const probabilities = Float64Array.from(given, (_, i) => (i === best ? 0.9 : 0.05));
    return { scores: given, probabilities, class: best, label: classes[best] ?? '' };
  };
  return {
    name,
    model: { ...model, metadata: { ...metadata, labels: [...classes] } },
    compiled: { run },
  };
}

/** What a network says of a window. */
export function resultOf(network: Network, label: string, confidence = 0.9): NetworkResult {
  const { labels } = network.model.metadata;
  const probabilities = Float64Array.from(labels, (each) => (each === label ? confidence : 0.01));
  return {
    network,
    samples: new Int16Array(),
    classification: {
      ...{ scores: new Int32Array(labels.length), probabilities, label },
      class: labels.indexOf(label),
    },
    verdict: {
      ...{ class: label, confidence },
      latency: { value: 0.84, unit: 'ms' },
      energy: { source: 'none' },
    },
  };
}
