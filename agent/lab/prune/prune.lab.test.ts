import { describe, expect, it } from 'vitest';
import { probeClips, pruneProbe } from '../../../test/lab/prune-probe.ts';
import { describeWithLibrary } from '../../../test/lab/with-library.ts';
import { acdnet } from '../../nets/acdnet.ts';
import { costOf } from '../../nets/cost.ts';
import { shapesOf } from '../../nets/shapes.ts';
import { prunableOf } from '../../nets/traits.ts';
import { TrainingRandom } from '../../tape/random.ts';
import { Kernels } from '../../tape/tensorflow.ts';
import { TrainableNetwork } from '../train/network.ts';
import { initialParameters } from '../train/parameters.ts';
import { leastRemoved } from './prune.ts';
import { PRUNINGS } from './prunings.ts';
import { rankByMagnitude, rankByNorm } from './rank.ts';
import { shrink } from './shrink.ts';
import { channelsOf, leastOf, parseTarget, reached, shareOfWay } from './target.ts';

const SAMPLES = 6425;
const net = acdnet({
  name: 'probe',
  channels: [4, 8, 6, 6, 6, 6, 6, 6, 6, 6, 6],
  conv12: 5,
  classes: 3,
  form: 'real',
  samples: SAMPLES,
});

describe('targets', () => {
  it('reads channels, parameters, MACs and bytes', () => {
    expect(parseTarget('channels=20%')).toEqual({ kind: 'channels', share: 0.2 });
    expect(parseTarget('macs=14.3M')).toEqual({ kind: 'macs', most: 14.3e6 });
    expect(parseTarget('layers=7,20,10')).toEqual({ kind: 'layers', widths: [7, 20, 10] });
    expect(() => parseTarget('layers=7,1')).toThrow(/not a target/);
    expect(() => parseTarget('channels=120%')).toThrow(/not a target/);
    expect(() => parseTarget('speed=3')).toThrow(/"speed=3" is not a target/);
  });

  it('by layers are of this network, or refused with its channels', () => {
    const widths = [3, 8, 5, 5, 4, 4, 4, 4, 3, 3, 2, 5];
    const target = { kind: 'layers', widths } as const;
    expect([...leastOf(net, target).values()]).toEqual(widths);
    for (const wrong of [widths.slice(1), widths.map((n) => n + 1)]) {
      expect(() => leastOf(net, { kind: 'layers', widths: wrong })).toThrow(
        /is not within 4,8,6,6,6,6,6,6,6,6,6,5/,
      );
    }
  });

  it('knows when a network is down to one', () => {
    expect(reached(net, net, { kind: 'channels', share: 0.5 })).toBe(false);
    expect(reached(net, net, { kind: 'bytes', most: costOf(net).parameters })).toBe(true);
    expect(shareOfWay(net, net, { kind: 'macs', most: 1 })).toBe(0);
    expect(shareOfWay(net, net, { kind: 'bytes', most: costOf(net).parameters })).toBe(1);
  });
});

describe('removal of channels', () => {
  const two = leastOf(net, { kind: 'channels', share: 0.5 });

  it('takes the least important first and leaves every convolution two', () => {
    const parameters = initialParameters(net, 1);
    const weight = parameters.get('conv4.weight')?.data ?? new Float32Array();
    for (let i = 2; i < weight.length; i += 6) weight[i] = 0;
    for (const ranks of [rankByNorm(net, parameters), rankByMagnitude(net, parameters)]) {
      expect(leastRemoved(net, ranks, 1, two)?.get('conv4')).toEqual([0, 1, 3, 4, 5]);
    }
    const all = leastRemoved(net, rankByNorm(net, parameters), 1000, two);
    for (const channels of all?.values() ?? []) expect(channels.length).toBe(2);
  });

  it('gives a network whose shapes hold, however little is left', () => {
    const parameters = initialParameters(net, 1);
    const kept = leastRemoved(net, rankByNorm(net, parameters), 1000, two);
    const small = shrink(net, parameters, kept ?? new Map());
    expect(shapesOf(small.net).get('dense')).toEqual([1, 1, 3]);
    for (const [name, fresh] of initialParameters(small.net, 2)) {
      expect(small.parameters.get(name)?.shape, name).toEqual(fresh.shape);
    }
  });
});

describeWithLibrary('pruning', (tf) => {
  it('of channels that say nothing changes no logit', () => {
    const kernels = new Kernels(tf);
    const parameters = initialParameters(net, 5);
    const kept = new Map([
      ['conv1', [0, 2, 3]],
      ['conv4', [1, 2, 3, 4]],
      ['conv7', [0, 5]],
      ['conv12', [0, 1, 3]],
    ]);
    for (const [id, channels] of kept) {
      for (const name of ['gamma', 'beta']) {
        const data = parameters.get(`${id}.${name}`)?.data ?? new Float32Array();
        for (let c = 0; c < data.length; c++) if (!channels.includes(c)) data[c] = 0;
      }
    }
    const small = shrink(net, parameters, kept);
    expect(channelsOf(small.net)).toBe(channelsOf(net) - 1 - 2 - 4 - 2);
    const random = new TrainingRandom(2);
    const windows = Float32Array.from({ length: 2 * SAMPLES }, () => random.normal());
    const before = new TrainableNetwork(net, parameters, kernels).infer(windows);
    const after = new TrainableNetwork(small.net, small.parameters, kernels).infer(windows);
    after.forEach((logit, i) => {
      expect(logit).toBeCloseTo(before[i] ?? Number.NaN, 4);
    });
  });

  it.each(PRUNINGS)('by %s reaches its target and leaves a network that runs', (method) => {
    const random = new TrainingRandom(8);
    const clips = probeClips(random, 9000);
    const target = { kind: 'channels', share: 0.6 } as const;
    const small = pruneProbe(tf, net, { clips, method, target, perRound: 8 });
    expect(reached(small.net, net, target)).toBe(true);
    expect(costOf(small.net).macs).toBeLessThan(costOf(net).macs);
    const network = new TrainableNetwork(small.net, small.parameters, new Kernels(tf));
    for (const logit of network.infer(new Float32Array(SAMPLES))) expect(logit).not.toBeNaN();
  });

  it('by layers ends in exactly those channels', () => {
    const clips = probeClips(new TrainingRandom(8), 9000);
    const widths = [3, 8, 5, 5, 4, 4, 4, 4, 3, 3, 2, 5];
    const target = { kind: 'layers', widths } as const;
    const small = pruneProbe(tf, net, { clips, method: 'taylor', target, perRound: 8 });
    expect(small.net.nodes.map(prunableOf).filter((n) => n > 0)).toEqual(widths);
  });
});
