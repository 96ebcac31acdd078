import { expect, it } from 'vitest';
import { probeClips, pruneProbe } from '../../../test/lab/prune-probe.ts';
import { describeWithLibrary } from '../../../test/lab/with-library.ts';
import { costOf } from '../../nets/cost.ts';
import type { Net, Node } from '../../nets/graph.ts';
import { melCnn, melLstm } from '../../nets/mel.ts';
import { TrainingRandom } from '../../tape/random.ts';
import { Kernels } from '../../tape/tensorflow.ts';
import { TrainableNetwork } from '../train/network.ts';
import { initialParameters } from '../train/parameters.ts';
import { PRUNINGS } from './prunings.ts';
import { shrink } from './shrink.ts';
import { channelsOf, reached } from './target.ts';

const SAMPLES = 4000;
const MEL = { classes: 3, samples: SAMPLES, frame: 256, hop: 256, bands: 12 } as const;
const cnn = melCnn({ name: 'cnn', channels: [5, 6, 7], ...MEL });

/** A convolution of five channels before a recurrent layer of nine units. */
const recurrent: Net = (() => {
  const lstm = melLstm({ name: 'lstm', units: 9, ...MEL });
  const [conv] = cnn.nodes.filter((n) => n.kind === 'conv');
  if (conv === undefined) throw new Error('no convolution');
  const nodes = lstm.nodes.flatMap((node): readonly Node[] =>
    node.kind === 'lstm' ? [conv, { ...node, from: conv.id }] : [node],
  );
  return { ...lstm, nodes };
})();

const random = new TrainingRandom(8);
const clips = probeClips(random, 6000);

describeWithLibrary('pruning of networks on spectrograms', (tf) => {
  const kernels = new Kernels(tf);

  it('of units that nobody reads, and channels that are always 0, changes no logit', () => {
    const parameters = initialParameters(recurrent, 5);
    const kept = new Map([
      ['conv1', [0, 3, 4]],
      ['lstm', [1, 2, 4, 5, 8]],
    ]);
    const data = (name: string): Float32Array => parameters.get(name)?.data ?? new Float32Array();
    for (const channel of [1, 2]) data('conv1.gamma')[channel] = 0;
    for (const unit of [0, 3, 6, 7]) {
      data('dense.weight').fill(0, unit * 3, unit * 3 + 3);
      data('lstm.recurrent').fill(0, unit * 36, unit * 36 + 36);
    }
    const small = shrink(recurrent, parameters, kept);
    expect(channelsOf(small.net)).toBe(3 + 5);
    for (const [name, fresh] of initialParameters(small.net, 2)) {
      expect(small.parameters.get(name)?.shape, name).toEqual(fresh.shape);
    }
    const windows = Float32Array.from({ length: 2 * SAMPLES }, () => 0.1 * random.normal());
    const before = new TrainableNetwork(recurrent, parameters, kernels).infer(windows);
    const after = new TrainableNetwork(small.net, small.parameters, kernels).infer(windows);
    expect(after.some((logit) => Math.abs(logit) > 0.01)).toBe(true);
    after.forEach((logit, i) => {
      expect(logit).toBeCloseTo(before[i] ?? Number.NaN, 4);
    });
  });

  it.each(
    PRUNINGS.flatMap((method) => [
      { method, net: cnn },
      { method, net: recurrent },
    ]),
  )('of $net.name by $method reaches its target and leaves a network that runs', (one) => {
    const { method, net } = one;
    const target = { kind: 'channels', share: 0.6 } as const;
    const small = pruneProbe(tf, net, { clips, method, target, perRound: 3 });
    expect(reached(small.net, net, target)).toBe(true);
    expect(costOf(small.net).macs).toBeLessThan(costOf(net).macs);
    const network = new TrainableNetwork(small.net, small.parameters, kernels);
    for (const logit of network.infer(new Float32Array(SAMPLES))) expect(logit).not.toBeNaN();
  });
});
