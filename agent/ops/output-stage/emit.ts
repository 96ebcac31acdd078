import { type Model, tensorOf } from '../model/model.ts';
import type { ConvOutput, DenseLayer } from '../model/plan.ts';
import type { CSource, PackedArray } from './c-source.ts';
import { stageCosts } from './costs.ts';
import { tablesOf } from './emit-front.ts';
import { shapeText, windowText } from './emit-text.ts';
import type { KernelSet } from './kernels.ts';
import { xnorPatchWords } from './layout.ts';
import { type BodyStage, type ConvStage, isTabled, type XnorStage } from './stages.ts';
import { transformFactors } from './transform-factors.ts';
import { convReach, convWeights, xnorWeights } from './weights.ts';

/** Writes the constant arrays and descriptors that the stages of a network read. */
export class ConstantWriter {
  readonly #c: CSource;
  readonly #model: Model;
  readonly #kernels: KernelSet;

  constructor(c: CSource, model: Model, kernels: KernelSet) {
    this.#c = c;
    this.#model = model;
    this.#kernels = kernels;
  }

  /** Everything one stage of the body reads, with a comment that says what it is. */
  stage(stage: BodyStage): void {
    this.comment(stage);
    switch (stage.kind) {
      case 'conv':
        this.conv(stage, this.#kernels.packConv(convWeights(this.#model, stage), stage));
        break;
      case 'xnorConv':
        this.#xnor(stage);
        break;
      case 'sign':
        this.#sign(stage);
        break;
      case 'average':
        this.#average(stage);
        break;
      case 'logMel':
        this.#logMel(stage);
        break;
      case 'lstm':
        this.#lstm(stage);
        break;
      case 'dense':
        this.#dense(stage);
        break;
      case 'channelsToHeight':
        break;
    }
  }

  comment(stage: BodyStage): void {
    const { layer, input, output } = stage.placed;
    const window =
      stage.kind === 'conv' || stage.kind === 'xnorConv'
        ? `; kernel ${stage.layer.kernel.join('x')}, stride ${stage.layer.stride.join('x')}, ${stage.layer.padding}, pool ${stage.layer.pool.join('x')}`
        : '';
    const macs = stageCosts(stage).macs;
    const work = macs > 0 ? `; ${macs} MACs` : '';
    this.#c.put(
      `/* ${layer.id} (${layer.kind}): ${input.type} ${input.shape.join('x')} -> ${output.type} ${output.shape.join('x')}${window}${work} */`,
    );
  }

  /** The descriptor of a convolution and its arrays. */
  conv(stage: ConvStage, packed: PackedArray): void {
    const { id } = stage.layer;
    this.#c.array(`${id}_weight`, packed);
    const weights = convWeights(this.#model, stage);
    const correction = this.#kernels.biasCorrection(weights, stage);
    const { input } = stage.placed;
    const reach = convReach(weights, input);
    const stageText = this.#outputStage(
      id,
      stage.layer.output,
      stage.layer.channels,
      reach,
      correction,
    );
    this.#c.put(
      `static const oto_conv ${id} = {`,
      `    .window = ${windowText(stage)},`,
      `    .source = ${input.type === 'int8' ? 'OTO_FROM_INT8' : 'OTO_FROM_INT16'}, .in_zero = ${input.zeroPoint}, .stripe = ${this.#kernels.convStripe(stage)},`,
      `    .weight = ${id}_weight,`,
      `    .stage = ${stageText},`,
      '};',
    );
  }

  #xnor(stage: XnorStage): void {
    const { layer } = stage;
    const padded = this.#kernels.xnorWords(xnorPatchWords(stage));
    const { words, ones } = xnorWeights(this.#model, stage, padded);
    this.#c.array(`${layer.id}_weight`, {
      type: 'uint32_t',
      values: this.#kernels.packXnor(words, stage),
    });
    const padded0 = stage.layer.padding === 'same' && layer.padValue === 0;
    const wide = ones.some((n) => n > 255);
    if (padded0) {
      this.#c.array(`${layer.id}_pad_ones`, { type: wide ? 'uint16_t' : 'uint8_t', values: ones });
    }
    const taps = stage.window.kernel[0] * stage.window.kernel[1] * stage.placed.input.shape[2];
    const stageText = this.#outputStage(
      layer.id,
      layer.output,
      layer.channels,
      taps,
      undefined,
      stage,
    );
    this.#c.put(
      `static const oto_xnor ${layer.id} = {`,
      `    .window = ${windowText(stage)},`,
      `    .pad_value = ${layer.padValue},`,
      `    .weight = ${layer.id}_weight,`,
      `    .pad_ones = ${padded0 && !wide ? `${layer.id}_pad_ones` : 'NULL'},`,
      `    .pad_ones16 = ${padded0 && wide ? `${layer.id}_pad_ones` : 'NULL'},`,
      `    .stage = ${stageText},`,
      '};',
    );
    if (!isTabled(stage)) return;
    const { inside, top, bottom } = tablesOf(this.#model, stage);
    this.#c.array(`${layer.id}_inside`, { type: 'uint32_t', values: inside });
    this.#c.array(`${layer.id}_top`, { type: 'uint32_t', values: top });
    this.#c.array(`${layer.id}_bottom`, { type: 'uint32_t', values: bottom });
  }

  /** Arrays of an output stage, and its initializer. `reach`: the largest |acc| of a convolution. */
  #outputStage(
    id: string,
    output: ConvOutput | DenseLayer['output'],
    channels: number,
    reach: number,
    correction: Int32Array | undefined,
    stage?: XnorStage,
  ): string {
    const numbers = (name: string): Int32Array => tensorOf(this.#model, id, name, Int32Array);
    const correctedBias = (shift: number): PackedArray => ({
      type: 'int32_t',
      values: numbers('bias').map((b, n) => b + (correction?.[n] ?? 0) * 2 ** shift),
    });
    switch (output.type) {
      case 'bits': {
        // Beyond what an accumulator reaches, a threshold only says always or never; and may not be corrected.
        const values = numbers('threshold').map(
          (t, n) => Math.min(Math.max(t, -reach - 1), reach + 1) - (correction?.[n] ?? 0),
        );
        this.#c.array(`${id}_threshold`, { type: 'int32_t', values });
        return `{.kind = OTO_TO_BITS, .threshold = ${id}_threshold}`;
      }
      case 'int8':
      case 'int16': {
        this.#c.array(`${id}_bias`, correctedBias(output.shift));
        this.#c.array(`${id}_multiplier`, { type: 'int32_t', values: numbers('multiplier') });
        const [zero, max] = output.type === 'int8' ? [output.zeroPoint, output.max] : [0, 32767];
        const kind = output.type === 'int8' ? 'OTO_TO_INT8' : 'OTO_TO_INT16';
        return `{.kind = ${kind}, .shift = ${output.shift}, .zero = ${zero}, .min = ${output.min}, .max = ${max}, .bias = ${id}_bias, .multiplier = ${id}_multiplier}`;
      }
      case 'residual': {
        const small = (name: string): Int16Array => tensorOf(this.#model, id, name, Int16Array);
        this.#c.array(`${id}_bias`, { type: 'int32_t', values: numbers('bias') });
        this.#c.array(`${id}_multiplier`, { type: 'int16_t', values: small('multiplier') });
        this.#c.array(`${id}_slope`, { type: 'int16_t', values: small('slope') });
        return `{.kind = OTO_TO_RESIDUAL, .shift = ${output.shift}, .bias = ${id}_bias, .multiplier16 = ${id}_multiplier, .slope = ${id}_slope, .shortcut_channels = ${stage?.shortcutChannels ?? channels}}`;
      }
      case 'scores':
        this.#c.array(`${id}_bias`, { type: 'int32_t', values: numbers('bias') });
        return `{.kind = OTO_TO_SCORES, .bias = ${id}_bias}`;
    }
  }

  #sign({ placed }: BodyStage): void {
    const threshold = tensorOf(this.#model, placed.layer.id, 'threshold', Int32Array);
    // OTO_SIGN_PERIOD; and beyond an int16's range a threshold only says always or never (oto_sign_word).
    const period = 32 % threshold.length === 0 ? 32 : threshold.length;
    const values = Array.from({ length: period }, (_, i) =>
      Math.min(Math.max(threshold[i % threshold.length] ?? 0, -32768), 32768),
    );
    this.#c.array(`${placed.layer.id}_threshold`, { type: 'int32_t', values });
  }

  #logMel({ placed }: BodyStage): void {
    const { layer, input } = placed;
    if (layer.kind !== 'logMel') return;
    const { id } = layer;
    const numbers = (name: string): Int16Array => tensorOf(this.#model, id, name, Int16Array);
    for (const name of ['window', 'edge', 'weight']) {
      this.#c.array(`${id}_${name}`, { type: 'int16_t', values: numbers(name) });
    }
    const factors = transformFactors(numbers('twiddle'), layer.frame);
    this.#c.array(`${id}_twiddle`, { type: 'int32_t', values: factors });
    this.#c.put(
      `static const oto_log_mel ${id} = {`,
      `    .samples = ${input.shape[1]}, .frame = ${layer.frame}, .hop = ${layer.hop}, .bands = ${layer.bands},`,
      `    .window = ${id}_window, .twiddle = ${id}_twiddle, .edge = ${id}_edge, .weight = ${id}_weight,`,
      `    .offset = ${layer.offset}, .multiplier = ${layer.multiplier}, .zero = ${layer.zeroPoint},`,
      '};',
    );
  }

  #lstm({ placed }: BodyStage): void {
    const { layer, input } = placed;
    if (layer.kind !== 'lstm') return;
    const { id } = layer;
    for (const [name, of, type] of LSTM_ARRAYS) {
      const values = tensorOf<Numbers>(this.#model, id, name, ARRAYS[type]);
      this.#c.array(`${id}_${of}`, { type, values });
    }
    const [time, width, channels] = input.shape;
    this.#c.put(
      `static const oto_lstm ${id} = {`,
      `    .time = ${time}, .inputs = ${width * channels}, .units = ${layer.units}, .in_zero = ${input.zeroPoint}, .shift = ${layer.shift},`,
      ...LSTM_ARRAYS.map(([, of]) => `    .${of} = ${id}_${of},`),
      '};',
    );
  }

  #average({ placed }: BodyStage): void {
    const { layer, input } = placed;
    if (layer.kind !== 'average') return;
    const { zeroPoint, min, max, shift } = layer.output;
    this.#c.put(
      `static const oto_average ${layer.id} = {`,
      `    .in = ${shapeText(input.shape)}, .in_zero = ${input.zeroPoint}, .multiplier = ${layer.multiplier},`,
      `    .stage = {.kind = OTO_TO_INT8, .shift = ${shift}, .zero = ${zeroPoint}, .min = ${min}, .max = ${max}},`,
      '};',
    );
  }

  #dense({ placed }: BodyStage): void {
    const { layer, input } = placed;
    if (layer.kind !== 'dense') return;
    const weight = tensorOf(this.#model, layer.id, 'weight', Int8Array);
    this.#c.array(`${layer.id}_weight`, { type: 'int8_t', values: weight });
    const stageText = this.#outputStage(layer.id, layer.output, layer.units, 0, undefined);
    this.#c.put(
      `static const oto_dense ${layer.id} = {`,
      `    .inputs = ${weight.length / layer.units}, .units = ${layer.units}, .in_zero = ${input.zeroPoint},`,
      `    .weight = ${layer.id}_weight,`,
      `    .stage = ${stageText},`,
      '};',
    );
  }
}

type Numbers = Int8Array | Int16Array | Int32Array;
const ARRAYS = { int8_t: Int8Array, int16_t: Int16Array, int32_t: Int32Array } as const;
/** Tensors of an lstm layer: name in the model, in C, and type. */
const LSTM_ARRAYS = [
  ['weight', 'weight', 'int8_t'],
  ['bias', 'bias', 'int32_t'],
  ['multiplier', 'multiplier', 'int32_t'],
  ['recurrent', 'recurrent', 'int8_t'],
  ['recurrentMultiplier', 'recurrent_multiplier', 'int32_t'],
  ['sigmoid', 'sigmoid', 'int16_t'],
  ['tanh', 'tanh', 'int16_t'],
] as const;
