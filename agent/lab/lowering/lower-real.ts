import type { AverageNode, ConvNode, DenseNode } from '../../nets/graph.ts';
import { MAP_STEPS } from '../train/fake-quantize.ts';
import { normOf, outputsFirst } from './fold.ts';
import { signLevel } from './lower-signs.ts';
import type { Draft } from './lowering.ts';
import { quantizeConv } from './quantize-conv.ts';
import { clampInt, int8Output } from './requantize.ts';

/** A real convolution: int8, or what the binary block behind it reads. */
export function plainConv(draft: Draft, node: ConvNode): void {
  const source = draft.source(node);
  const inputs = draft.shape(node.from)[2];
  const { quantized, unit, bias, reach } = quantizeConv({
    node,
    inputs,
    weights: draft.values(node.id, 'weight'),
    norm: normOf(draft.options.parameters, node.id),
    source,
    means: draft.options.biasCorrection ? draft.inputMeans(node) : undefined,
  });
  draft.set(`${node.id}.weight`, quantized, [node.channels, ...node.kernel, inputs]);
  const layer = { ...draft.windowOf(node), kind: 'conv', id: node.id, from: source.id } as const;
  const reader = draft.reader(node);
  if (reader?.kind === 'conv' && reader.form === 'paper') {
    // ReLU(unit * acc + bias) >= t; below 0 every value passes.
    const level = signLevel(draft, reader);
    const thresholds = Int32Array.from({ length: node.channels }, (_, n) => {
      const t = level(n);
      return t <= 0 ? -(2 ** 31) : clampInt(Math.ceil((t - (bias[n] ?? 0)) / (unit[n] ?? 1)));
    });
    draft.set(`${node.id}.threshold`, thresholds, [node.channels]);
    draft.layers.push({ ...layer, output: { type: 'bits' } });
    draft.store(node, { type: 'bits', scale: 1, zeroPoint: 0 });
    return;
  }
  const streams = reader?.kind === 'conv' && reader.form === 'residual';
  const step = streams ? draft.streamScale : draft.step(node.id);
  const shift = draft.requant(node.id, unit, bias, reach, step);
  if (streams) {
    draft.layers.push({ ...layer, output: { type: 'int16', min: 0, shift, scale: step } });
    draft.store(node, { type: 'int16', scale: step, zeroPoint: 0 });
  } else {
    draft.layers.push({ ...layer, output: int8Output(shift, step) });
    draft.store(node, { type: 'int8', scale: step, zeroPoint: -128 });
  }
}

/** The mean over height and width, in 8 bits. */
export function averageLayer(draft: Draft, node: AverageNode): void {
  const source = draft.source(node);
  const [h, w] = draft.shape(node.from);
  const step = draft.step(node.id);
  const factor = source.scale / (h * w) / step;
  // The largest shift for which neither the sum nor the multiplier overflows.
  let shift = 15;
  while (h * w * MAP_STEPS * 2 ** shift >= 2 ** 31) shift--;
  const multiplier = Math.min(0x7fffffff, Math.round(factor * 2 ** (32 - shift)));
  draft.layers.push({
    kind: 'average',
    id: node.id,
    from: source.id,
    multiplier,
    output: int8Output(shift, step),
  });
  draft.store(node, { type: 'int8', scale: step, zeroPoint: -128 });
}

/** The last layer, whose scores share one scale. */
export function denseLayer(draft: Draft, node: DenseNode): void {
  const source = draft.source(node);
  const [h, w, c] = draft.shape(node.from);
  const inputs = h * w * c;
  const weights = outputsFirst(draft.values(node.id, 'weight'), inputs, node.units);
  // One scale for all outputs: scores of different classes are compared.
  const max = weights.reduce((m, x) => Math.max(m, Math.abs(x)), 1e-9);
  const scale = max / 127;
  const quantized = Int8Array.from(weights, (x) => Math.round(x / scale));
  const means = draft.options.biasCorrection ? draft.inputMeans(node) : undefined;
  const unit = scale * source.scale;
  const bias = Int32Array.from(draft.values(node.id, 'bias'), (b, n) => {
    let corrected = b;
    for (let k = 0; k < inputs && means !== undefined; k++) {
      const error = (weights[n * inputs + k] ?? 0) - (quantized[n * inputs + k] ?? 0) * scale;
      corrected += error * (means[k % c] ?? 0);
    }
    return Math.round(corrected / unit);
  });
  draft.set(`${node.id}.weight`, quantized, [node.units, inputs]);
  draft.set(`${node.id}.bias`, bias, [node.units]);
  draft.layers.push({
    kind: 'dense',
    id: node.id,
    from: source.id,
    units: node.units,
    output: { type: 'scores', scale: unit },
  });
  draft.store(node, { type: 'scores', scale: unit, zeroPoint: 0 });
}
