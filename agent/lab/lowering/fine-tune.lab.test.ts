import { beforeAll, expect, it } from 'vitest';
import { describeWithLibrary } from '../../../test/lab/with-library.ts';
import type { Model } from '../../model/model.ts';
import { runReference } from '../../model/reference.ts';
import type { Net, Node } from '../../nets/graph.ts';
import type { Parameters } from '../../tape/parameter.ts';
import { TrainingRandom } from '../../tape/random.ts';
import type { Simulation } from '../../tape/tape.ts';
import { Kernels } from '../../tape/tensorflow.ts';
import type { Clip } from '../data/dataset.ts';
import { Mixer, mixSource } from '../mixing/mixer.ts';
import { klLoss, softmaxRows } from '../train/loss.ts';
import { TrainableNetwork } from '../train/network.ts';
import { Optimizer } from '../train/optimizer.ts';
import { initialParameters } from '../train/parameters.ts';
import { fineTune, foldNorms, simulationOf } from './fine-tune.ts';
import { lower } from './lower.ts';
import { type Observed, observe } from './observe.ts';

const CLASSES = 3;
const SAMPLES = 2000;

/** A few convolutions of both kinds, without dropout, so that every pass over a batch has the same loss. */
function probe(): Net {
  const same = { kind: 'conv', form: 'plain', stride: [1, 1], padding: 'same' } as const;
  const nodes: readonly Node[] = [
    { ...same, id: 'a', from: 'input', channels: 6, kernel: [1, 9], stride: [1, 2], pool: [1, 1] },
    { ...same, id: 'b', from: 'a', channels: 8, kernel: [1, 5], stride: [1, 2], pool: [1, 25] },
    { kind: 'channelsToHeight', id: 'image', from: 'b' },
    { ...same, id: 'c', from: 'image', channels: 10, kernel: [3, 3], pool: [2, 2] },
    { ...same, id: 'd', from: 'c', channels: 12, kernel: [3, 3], pool: [2, 2] },
    { kind: 'average', id: 'average', from: 'd' },
    { kind: 'dense', id: 'dense', from: 'average', units: CLASSES },
  ];
  const input = [1, SAMPLES, 1] as const;
  return { name: 'probe', classes: CLASSES, sampleRate: 20000, input, nodes };
}

/** Tones, noise, and both, at several loudnesses. */
function sounds(): readonly Clip[] {
  const random = new TrainingRandom(6);
  const sound = (label: number, loud: number): Int16Array =>
    Int16Array.from({ length: 9000 }, (_, t) => {
      const tone = label === 1 ? 0 : Math.sin(t / (3 + loud));
      const noise = label === 0 ? 0 : random.normal() / 3;
      return 4000 * loud * (tone + noise);
    });
  return Array.from({ length: 12 }, (_, i) => {
    return { name: `${i}`, fold: 1, label: i % CLASSES, samples: sound(i % CLASSES, 1 + (i % 4)) };
  });
}

const asFloat = (window: Int16Array): Float32Array => Float32Array.from(window, (s) => s / 32768);

describeWithLibrary('a network that mimics its 8-bit form', (tf) => {
  const kernels = new Kernels(tf);
  const net = probe();
  const clips = sounds();
  const windows = clips.map((clip) => clip.samples.slice(1000, 1000 + SAMPLES));
  const batch = Float32Array.from(windows.flatMap((w) => [...asFloat(w)]));
  let parameters: Parameters;
  let float: TrainableNetwork;
  let observed: ReadonlyMap<string, Observed>;
  let simulation: Simulation;
  beforeAll(() => {
    parameters = trained();
    float = new TrainableNetwork(net, parameters, kernels);
    observed = observe(float, clips);
    simulation = simulationOf(net, observed, 'minmax');
  });

  function trained(): Parameters {
    const fresh = initialParameters(net, 4);
    const network = new TrainableNetwork(net, fresh, kernels);
    const optimizer = new Optimizer({ kind: 'adam', weightDecay: 0 }, fresh);
    const shape = { classes: CLASSES, sampleRate: net.sampleRate, window: SAMPLES };
    const mixer = new Mixer(mixSource(clips, shape));
    for (let i = 0; i < 80; i++) {
      const mixed = mixer.batch(12, i);
      network.train(0, mixed.windows, new TrainingRandom(i), (run) => {
        const { gradient } = klLoss(run.logits, mixed.labels, CLASSES);
        optimizer.step(fresh, run.backward(gradient), 0.005);
        run.updateStatistics();
      });
    }
    return fresh;
  }

  const deployed = (
    weights: Parameters,
    ranges: ReadonlyMap<string, Observed>,
    biasCorrection: boolean,
  ): Model =>
    lower({
      net,
      parameters: weights,
      observed: ranges,
      calibration: 'minmax',
      biasCorrection,
      metadata: {
        name: 'probe',
        labels: ['tone', 'noise', 'both'],
        provenance: { weights: 'random', network: 'probe' },
      },
    });

  function integerLogits(model: Model, window: Int16Array): Float32Array {
    const last = model.layers.at(-1)?.layer;
    const scale = last?.kind === 'dense' ? last.output.scale : 0;
    return Float32Array.from(runReference(model, window).scores, (score) => score * scale);
  }

  const target = new Float32Array(windows.length * CLASSES);
  clips.forEach(({ label }, i) => {
    target[i * CLASSES + label] = 1;
  });

  const gradientsOf = (network: TrainableNetwork): ReadonlyMap<string, Float32Array> =>
    network.train(0, batch, new TrainingRandom(1), (run) =>
      run.backward(klLoss(run.logits, target, CLASSES).gradient),
    );

  it('gives the logits of the integers', () => {
    const folded = foldNorms(net, parameters);
    const simulated = new TrainableNetwork(net, folded, kernels, simulation);
    const model = deployed(folded, observed, false);
    let [mimicked, rounding] = [0, 0];
    for (const window of windows) {
      const integers = integerLogits(model, window);
      const squaredError = (logits: Float32Array): number =>
        logits.reduce((sum, logit, c) => sum + (logit - (integers[c] ?? 0)) ** 2, 0);
      mimicked += squaredError(simulated.infer(asFloat(window)));
      rounding += squaredError(float.infer(asFloat(window)));
    }
    // A value halfway between steps may go the other way; else only the last bias is rounded more finely.
    expect(Math.sqrt(mimicked)).toBeLessThan(0.5 * Math.sqrt(rounding));
  });

  it('has the gradient of the unrounded network, straight through', () => {
    const folded = foldNorms(net, parameters);
    const gradients = gradientsOf(new TrainableNetwork(net, folded, kernels, simulation));
    const unrounded = new Map([...folded].map(([k, { form: _, ...rest }]) => [k, rest]));
    const exact = new TrainableNetwork(net, unrounded, kernels);
    const loss = (): number => klLoss(exact.infer(batch), target, CLASSES).loss;
    for (const [name, gradient] of gradients) {
      const data = unrounded.get(name)?.data ?? new Float32Array();
      const kept = data.slice();
      const norm = Math.hypot(...gradient);
      const h = 0.001 * Math.hypot(...kept);
      const along = (distance: number): number => {
        kept.forEach((v, i) => {
          data[i] = v + (distance * (gradient[i] ?? 0)) / norm;
        });
        return loss();
      };
      const slope = (along(h) - along(-h)) / (2 * h);
      data.set(kept);
      expect(slope / norm, name).toBeGreaterThan(0.9);
      expect(slope / norm, name).toBeLessThan(1.1);
    }
  });

  it('learns nothing through values beyond their range', () => {
    const tops = new Map(simulation.tops).set('c', 1e-9);
    const folded = foldNorms(net, parameters);
    const gradients = gradientsOf(new TrainableNetwork(net, folded, kernels, { tops }));
    const largest = (name: string): number =>
      Math.max(...(gradients.get(name) ?? [Number.NaN]).map(Math.abs));
    expect(largest('c.weight')).toBe(0);
    expect(largest('b.beta')).toBe(0);
    expect(largest('dense.bias')).toBeGreaterThan(0);
  });

  it('makes up for ranges that are too narrow', () => {
    const narrow = new Map([...observed].map(([id, o]) => [id, { ...o, max: 0.4 * o.max }]));
    const tuned = fineTune({
      tf,
      teacher: float,
      clips,
      simulation: simulationOf(net, narrow, 'minmax'),
      epochs: 60,
      batch: 4,
      seed: 1,
    });
    const divergence = (model: Model): number => {
      const logits = Float32Array.from(windows.flatMap((w) => [...integerLogits(model, w)]));
      return klLoss(logits, softmaxRows(float.infer(batch), CLASSES), CLASSES).loss;
    };
    const before = divergence(deployed(parameters, narrow, true));
    const after = divergence(deployed(tuned, narrow, false));
    expect(after).toBeLessThan(before / 2);
  });
});
