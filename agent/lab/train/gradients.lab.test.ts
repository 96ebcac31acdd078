import { expect, it } from 'vitest';
import { describeWithLibrary } from '../../../test/lab/with-library.ts';
import type { Net, Node } from '../../nets/graph.ts';
import type { ConvNode } from '../../ops/conv/node.ts';
import type { BlockForm } from '../../ops/convolution/block.ts';
import { TrainingRandom } from '../../tape/random.ts';
import { Kernels } from '../../tape/tensorflow.ts';
import { klLoss } from './loss.ts';
import { TrainableNetwork } from './network.ts';
import { initialParameters } from './parameters.ts';

const CLASSES = 3;
const COUNT = 6;

function conv(id: string, from: string, form: BlockForm, changes: Partial<ConvNode>): ConvNode {
  return {
    kind: 'conv',
    id,
    from,
    form,
    channels: 4,
    kernel: [3, 3],
    stride: [1, 1],
    padding: 'same',
    pool: [1, 1],
    ...changes,
  };
}

function netOf(width: number, nodes: readonly Node[]): Net {
  const last = nodes.at(-1)?.id ?? 'input';
  const head: Node[] = [
    { kind: 'average', id: 'average', from: last },
    { kind: 'dense', id: 'dense', from: 'average', units: CLASSES },
  ];
  const input = [1, width, 1] as const;
  return { name: 'probe', classes: CLASSES, sampleRate: 20000, input, nodes: [...nodes, ...head] };
}

/** Loss and gradients of one fixed batch, and the loss alone for moved parameters. */
function probe(kernels: Kernels, net: Net) {
  const random = new TrainingRandom(7);
  const size = net.input[0] * net.input[1] * net.input[2];
  const windows = Float32Array.from({ length: COUNT * size }, () => random.normal());
  const target = new Float32Array(COUNT * CLASSES);
  for (let i = 0; i < COUNT; i++) {
    target[i * CLASSES + (i % CLASSES)] = 0.7;
    target[i * CLASSES + ((i + 1) % CLASSES)] = 0.3;
  }
  const parameters = initialParameters(net, 3);
  for (const { name, data } of parameters.values()) {
    // Away from the symmetric start, so that every gradient has something to say.
    if (/gamma|beta|shift|slope|threshold/.test(name)) {
      for (let i = 0; i < data.length; i++) data[i] = (data[i] ?? 0) + 0.2 * random.uniform();
    }
  }
  const network = new TrainableNetwork(net, parameters, kernels);
  const run = () =>
    network.train(0, windows, new TrainingRandom(1), (batch) => {
      const { loss, gradient } = klLoss(batch.logits, target, CLASSES);
      return { loss, gradients: batch.backward(gradient) };
    });
  return { parameters, run };
}

/** Largest error of the analytic gradient against central differences, relative to the largest of the array. */
function worstError(kernels: Kernels, net: Net, names: RegExp, step: number): Map<string, number> {
  const { parameters, run } = probe(kernels, net);
  const { gradients } = run();
  const errors = new Map<string, number>();
  for (const { name, data, trained } of parameters.values()) {
    if (!trained || !names.test(name)) continue;
    const analytic = gradients.get(name) ?? new Float32Array(data.length);
    const largest = analytic.reduce((m, g) => Math.max(m, Math.abs(g)), 1e-3);
    let worst = 0;
    for (let i = 0; i < data.length; i += Math.max(1, Math.floor(data.length / 8))) {
      const kept = data[i] ?? 0;
      data[i] = kept + step;
      const above = run().loss;
      data[i] = kept - step;
      const below = run().loss;
      data[i] = kept;
      const numeric = (above - below) / (2 * step);
      worst = Math.max(worst, Math.abs(numeric - (analytic[i] ?? 0)) / largest);
    }
    errors.set(name, worst);
  }
  return errors;
}

describeWithLibrary('gradients against central differences', (tf) => {
  const kernels = new Kernels(tf);
  const check = (net: Net, names: RegExp, tolerance: number): void => {
    const errors = worstError(kernels, net, names, 2e-3);
    expect(errors.size).toBeGreaterThan(0);
    for (const [name, error] of errors) expect(error, name).toBeLessThan(tolerance);
  };

  it('plain block, odd channels, padded and pooled, behind another', () => {
    const first = conv('a', 'input', 'plain', { channels: 3, kernel: [1, 5], pool: [1, 2] });
    const second = conv('b', 'a', 'plain', { channels: 5, kernel: [1, 3], stride: [1, 2] });
    check(netOf(40, [first, second]), /./, 0.05);
  });

  it('wide pool', () => {
    const first = conv('a', 'input', 'plain', { kernel: [1, 5] });
    const second = conv('b', 'a', 'plain', { channels: 6, kernel: [1, 3], pool: [1, 16] });
    // Steps that change which of 16 values is largest show as small errors.
    check(netOf(64, [first, second]), /./, 0.1);
  });

  it('channels to height, dropout, dense over a map', () => {
    const nodes: Node[] = [
      conv('a', 'input', 'plain', { channels: 3, kernel: [1, 5], pool: [1, 2] }),
      { kind: 'channelsToHeight', id: 'image', from: 'a' },
      conv('b', 'image', 'plain', { channels: 3, pool: [1, 2] }),
      { kind: 'dropout', id: 'dropout', from: 'b', rate: 0.2 },
      { kind: 'dense', id: 'dense', from: 'dropout', units: CLASSES },
    ];
    const net = { ...netOf(24, []), nodes };
    check(net, /./, 0.05);
  });

  // The sign's own gradient is a surrogate; what lies behind it in the forward direction is not.
  it('residual block: norm, shift, slope of widening and narrowing shortcuts', () => {
    const nodes = [
      conv('a', 'input', 'plain', { channels: 4, kernel: [1, 5] }),
      conv('b', 'a', 'residual', { channels: 6, kernel: [1, 3], pool: [1, 2] }),
    ];
    check(netOf(32, nodes), /^b\.(gamma|beta|shiftIn|shiftOut|slope)|dense/, 0.05);
    const narrow = [conv('a', 'input', 'plain', {}), conv('b', 'a', 'residual', { channels: 2 })];
    check(netOf(32, narrow), /^b\.(gamma|beta|shiftIn|shiftOut|slope)|dense/, 0.05);
  });

  it('LSTM through time, behind a convolution with inert channels, before a dense layer', () => {
    const head = (from: string): readonly Node[] => [
      { kind: 'lstm', id: 'lstm', from, units: 5 },
      { kind: 'dense', id: 'dense', from: 'lstm', units: CLASSES },
    ];
    const nodes: readonly Node[] = [
      conv('a', 'input', 'plain', { channels: 3, kernel: [1, 5], pool: [1, 2] }),
      { kind: 'channelsToHeight', id: 'turned', from: 'a' },
      conv('b', 'turned', 'plain', { channels: 3, pool: [1, 3] }),
      ...head('b'),
    ];
    check({ ...netOf(24, []), nodes }, /./, 0.05);
    check({ ...netOf(0, []), input: [9, 4, 2], nodes: head('input') }, /./, 0.05);
  });

  it('paper block: scale of the filter', () => {
    const nodes = [conv('a', 'input', 'plain', {}), conv('b', 'a', 'paper', { channels: 5 })];
    const { parameters, run } = probe(kernels, netOf(32, nodes));
    const weight = parameters.get('b.weight');
    if (weight === undefined) throw new Error('no kernel');
    const { gradients } = run();
    const gradient = gradients.get('b.weight') ?? new Float32Array();
    // Scaling one filter by (1 + e) scales alpha alone, so sum of w * dL/dw is the derivative by e, twice over:
    // once through alpha, once through the straight-through signs.
    const outputs = 5;
    for (let n = 0; n < outputs; n++) {
      const scaled = (factor: number): number => {
        const kept = weight.data.slice();
        for (let i = n; i < kept.length; i += outputs) weight.data[i] = (kept[i] ?? 0) * factor;
        const { loss } = run();
        weight.data.set(kept);
        return loss;
      };
      const numeric = (scaled(1.01) - scaled(0.99)) / 0.02;
      let alphaPart = 0;
      const taps = weight.data.length / outputs;
      let alpha = 0;
      for (let i = n; i < weight.data.length; i += outputs) {
        alpha += Math.abs(weight.data[i] ?? 0) / taps;
      }
      let signed = 0;
      for (let i = n; i < weight.data.length; i += outputs) {
        const sign = (weight.data[i] ?? 0) >= 0 ? 1 : -1;
        signed += sign * (gradient[i] ?? 0);
      }
      // signed = alpha * dL/dalpha-part + dL/dalpha  =>  dL/dalpha = signed / (1 + alpha)
      alphaPart = (alpha * signed) / (1 + alpha);
      expect(Math.abs(alphaPart - numeric)).toBeLessThan(0.05 * Math.abs(numeric) + 1e-4);
    }
  });
});
