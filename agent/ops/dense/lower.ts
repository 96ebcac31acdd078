import type { Lowering, RandomLowering } from '../lowering.ts';
import {
  randomInts,
  randomMultipliers,
  randomWeights,
  SCALE,
  SPREAD,
} from '../output-stage/random.ts';
import { reluOutput } from '../output-stage/requantize.ts';
import { outputsFirst, quantizeRows } from '../weights.ts';
import type { DenseNode } from './node.ts';
import type { DenseLayer } from './operator.ts';

/** The last layer, whose scores share one scale: those of different classes are compared. */
export function lower({ id, units }: DenseNode, to: Lowering): void {
  const { source, inputMeans: means } = to;
  const [h, w, c] = to.input;
  const inputs = h * w * c;
  const weights = outputsFirst(to.values('weight'), inputs, units);
  const { quantized, scales } = quantizeRows(weights, 1);
  const [scale = 1] = scales;
  const unit = scale * source.scale;
  const bias = Int32Array.from(to.values('bias'), (b, n) => {
    let corrected = b;
    for (let k = 0; k < inputs && means !== undefined; k++) {
      const error = (weights[n * inputs + k] ?? 0) - (quantized[n * inputs + k] ?? 0) * scale;
      corrected += error * (means[k % c] ?? 0);
    }
    return Math.round(corrected / unit);
  });
  to.tensor(`${id}.weight`, quantized, [units, inputs]);
  to.tensor(`${id}.bias`, bias, [units]);
  const output = { type: 'scores', scale: unit } as const;
  to.layer<DenseLayer>({ kind: 'dense', id, from: source.id, units, output });
  to.gives({ type: 'scores', scale: unit, zeroPoint: 0 });
}

const SCORE_SCALE = 1 / 4096;

export function lowerRandom({ id, units }: DenseNode, to: RandomLowering): void {
  const [h, w, c] = to.input;
  const inputs = h * w * c;
  randomWeights(to, `${id}.weight`, [units, inputs]);
  randomInts(to, `${id}.bias`, units, 2000);
  const layer = { kind: 'dense', id, from: to.source.id, units } as const;
  if (to.last) {
    to.layer<DenseLayer>({ ...layer, output: { type: 'scores', scale: SCORE_SCALE } }, 'scores');
    return;
  }
  const spread = SPREAD.int8 * SPREAD.uniformWeight * Math.sqrt(inputs);
  randomMultipliers(to, id, units, spread);
  to.layer<DenseLayer>({ ...layer, output: reluOutput(0, SCALE) }, 'int8');
}
