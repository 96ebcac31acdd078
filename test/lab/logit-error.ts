import type { Clip } from '../../agent/lab/data/dataset.ts';
import { lower } from '../../agent/lab/lowering/lower.ts';
import { observe } from '../../agent/lab/lowering/observe.ts';
import { TrainableNetwork } from '../../agent/lab/train/network.ts';
import { runReference } from '../../agent/model/reference.ts';
import type { Net } from '../../agent/nets/graph.ts';
import type { Parameters } from '../../agent/tape/parameter.ts';
import { Kernels, type Tf } from '../../agent/tape/tensorflow.ts';

/**
 * For tests: deploys a network of three classes, calibrated on `clips`, and gives the root mean square error of the
 * integer logits relative to the float ones over the first window of four of them.
 */
export function logitError(
  tf: Tf,
  net: Net,
  parameters: Parameters,
  clips: readonly Clip[],
): number {
  const network = new TrainableNetwork(net, parameters, new Kernels(tf));
  const model = lower({
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
  for (const clip of clips.slice(2, 6)) {
    const window = clip.samples.slice(0, net.input[1]);
    const logits = network.infer(Float32Array.from(window, (s) => s / 32768));
    const { scores } = runReference(model, window);
    logits.forEach((logit, c) => {
      error += (logit - (scores[c] ?? 0) * scale) ** 2;
      power += logit ** 2;
    });
  }
  return Math.sqrt(error / power);
}
