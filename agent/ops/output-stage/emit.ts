import type { CSource, PackedArray } from '../../c/c-source.ts';
import type { LayerTensors } from '../tensors.ts';
import type { Output } from './schema.ts';

/** An output stage as C needs it. */
export interface StageNumbers {
  readonly id: string;
  readonly output: Output;
  readonly tensors: LayerTensors;
  /** Largest magnitude of a sum. */
  readonly reach: number;
  /** Per channel, what kernels' sums lack of the specification's: an input's zero point that they do not subtract. */
  readonly correction?: Int32Array | undefined;
  /** Of a residual stage's stream. */
  readonly shortcutChannels?: number | undefined;
}

/** Writes the arrays of an output stage; returns the initializer of its oto_stage. */
export function outputStageText(c: CSource, stage: StageNumbers): string {
  const { id, output, tensors } = stage;
  switch (output.type) {
    case 'bits':
      c.array(`${id}_threshold`, { type: 'int32_t', values: thresholds(stage) });
      return `{.kind = OTO_TO_BITS, .threshold = ${id}_threshold}`;
    case 'int8':
    case 'int16': {
      c.array(`${id}_bias`, correctedBias(stage, output.shift));
      c.array(`${id}_multiplier`, { type: 'int32_t', values: tensors.int32('multiplier') });
      const [zero, max] = output.type === 'int8' ? [output.zeroPoint, output.max] : [0, 32767];
      const kind = output.type === 'int8' ? 'OTO_TO_INT8' : 'OTO_TO_INT16';
      return `{.kind = ${kind}, .shift = ${output.shift}, .zero = ${zero}, .min = ${output.min}, .max = ${max}, .bias = ${id}_bias, .multiplier = ${id}_multiplier}`;
    }
    case 'residual':
      c.array(`${id}_bias`, { type: 'int32_t', values: tensors.int32('bias') });
      c.array(`${id}_multiplier`, { type: 'int16_t', values: tensors.int16('multiplier') });
      c.array(`${id}_slope`, { type: 'int16_t', values: tensors.int16('slope') });
      return `{.kind = OTO_TO_RESIDUAL, .shift = ${output.shift}, .bias = ${id}_bias, .multiplier16 = ${id}_multiplier, .slope = ${id}_slope, .shortcut_channels = ${stage.shortcutChannels ?? 0}}`;
    case 'scores':
      c.array(`${id}_bias`, { type: 'int32_t', values: tensors.int32('bias') });
      return `{.kind = OTO_TO_SCORES, .bias = ${id}_bias}`;
  }
}

/** Beyond what an accumulator reaches, a threshold only says always or never; and may not be corrected. */
function thresholds({ tensors, reach, correction }: StageNumbers): Int32Array {
  return tensors
    .int32('threshold')
    .map((t, n) => Math.min(Math.max(t, -reach - 1), reach + 1) - (correction?.[n] ?? 0));
}

function correctedBias({ tensors, correction }: StageNumbers, shift: number): PackedArray {
  const values = tensors.int32('bias').map((b, n) => b + (correction?.[n] ?? 0) * 2 ** shift);
  return { type: 'int32_t', values };
}
