import type { CSource } from './c-source.ts';
import { holds, shapeText } from './emit-text.ts';
import type { KernelSet } from './kernels.ts';
import { INTAKE, type Layout, scratchId } from './layout.ts';
import { type BodyStage, type ConvStage, isTabled, shortcutOf, type XnorStage } from './stages.ts';

/** C expressions of where things lie in the arena. */
export class Addresses {
  readonly #layout: Layout;

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  /** Address of a region. */
  at(id: string): string {
    const offset = this.#layout.arena.offsets.get(id);
    if (offset === undefined) throw new Error(`no region ${id}`);
    return `arena + ${offset}`;
  }

  /** Address of a map: a region of its own, or the samples of the window. */
  map(id: string): string {
    return this.#layout.arena.offsets.has(id) ? this.at(id) : `${this.at(INTAKE)} + 16`;
  }

  scratch(index: number): string {
    return this.scratchBytes(index) > 0 ? this.at(scratchId(index)) : 'NULL';
  }

  scratchBytes(index: number): number {
    return this.#layout.scratch[index] ?? 0;
  }
}

/** Writes the function that runs one stage of the body: its kernel, called on the arena. */
export function emitRun(
  c: CSource,
  addresses: Addresses,
  kernels: KernelSet,
  stage: BodyStage,
  index: number,
): void {
  const { layer, output } = stage.placed;
  const scores = output.type === 'scores' ? ', int32_t *scores' : '';
  c.put(`OTO_STAGE void run_${layer.id}(uint8_t *arena${scores}) {`);
  c.put(...calls(stage, addresses, kernels, index).map((line) => `    ${line}`), '}', '');
}

function calls(
  stage: BodyStage,
  addresses: Addresses,
  kernels: KernelSet,
  index: number,
): readonly string[] {
  const { layer, input, output } = stage.placed;
  const from = addresses.map(layer.from);
  const to = output.type === 'scores' ? 'scores' : addresses.at(layer.id);
  const scratch = addresses.scratch(index);
  switch (stage.kind) {
    case 'conv':
      return [
        holds(convScratchText(stage, kernels), addresses.scratchBytes(index), 'scratch'),
        `oto_conv_run(&${layer.id}, ${from}, ${to}, ${scratch});`,
      ];
    case 'xnorConv':
      return xnorCalls(stage, addresses, index, from, to);
    case 'sign': {
      const source = input.type === 'int8' ? 'OTO_FROM_INT8' : 'OTO_FROM_INT16';
      return [
        `oto_sign(${from}, ${source}, (oto_shape)${shapeText(input.shape)}, ${layer.id}_threshold,`,
        `         (uint32_t *)(void *)(${to}));`,
      ];
    }
    case 'channelsToHeight':
      return [transposeCall(stage, from, to)];
    case 'logMel':
      return [
        holds(`OTO_LOG_MEL_SCRATCH(${frameOf(stage)})`, addresses.scratchBytes(index), 'scratch'),
        `oto_log_mel_run(&${layer.id}, (const int16_t *)(const void *)(${from}), (int8_t *)(${to}), ${scratch});`,
      ];
    case 'lstm':
      return [
        holds(`OTO_LSTM_SCRATCH(${unitsOf(stage)})`, addresses.scratchBytes(index), 'scratch'),
        `oto_lstm_run(&${layer.id}, (const int8_t *)(${from}), (int8_t *)(${to}), ${scratch});`,
      ];
    case 'average':
      return [`oto_average_run(&${layer.id}, (const int8_t *)(${from}), (int8_t *)(${to}));`];
    case 'dense':
      return [`oto_dense_run(&${layer.id}, (const int8_t *)(${from}), ${to});`];
  }
}

function xnorCalls(
  stage: XnorStage,
  addresses: Addresses,
  index: number,
  from: string,
  to: string,
): readonly string[] {
  const { layer, window, placed } = stage;
  const { id } = layer;
  const scratch = addresses.scratch(index);
  const taps = window.kernel[0] * window.kernel[1];
  const source = `(const uint32_t *)(const void *)(${from})`;
  const bytes = addresses.scratchBytes(index);
  const channels = placed.input.shape[2];
  if (isTabled(stage)) {
    return [
      holds(`OTO_XNOR_SCRATCH(${taps}, ${channels}, ${layer.channels})`, bytes, 'scratch'),
      `const oto_xnor_table table = {${id}_inside, ${id}_top, ${id}_bottom};`,
      `oto_xnor_table_run(&${id}, &table, ${source}, ${to}, ${scratch});`,
    ];
  }
  const shortcut = shortcutOf(stage);
  const stream =
    shortcut === undefined ? 'NULL' : `(const int16_t *)(const void *)(${addresses.map(shortcut)})`;
  const sizes = [channels, placed.output.shape[1], layer.channels, ...window.kernel];
  const steps = [layer.stride[1], layer.pool[1]];
  return [
    holds(`OTO_XNOR_RUN_SCRATCH(${[...sizes, ...steps].join(', ')})`, bytes, 'scratch'),
    `oto_xnor_run(&${id}, ${source}, ${stream}, ${stage.shortcutWidth},`,
    `             ${to}, ${scratch});`,
  ];
}

function convScratchText(stage: ConvStage, kernels: KernelSet): string {
  const { layer, placed, window } = stage;
  const { input, output } = placed;
  const [height, width] = output.shape;
  const maps = [input.shape[2], input.type === 'int8' ? 1 : 2, height, width];
  const steps = [...window.kernel, ...layer.stride, ...layer.pool, kernels.convStripe(stage)];
  return `OTO_CONV_SCRATCH(${[...maps, ...steps].join(', ')})`;
}

function frameOf({ placed: { layer } }: BodyStage): number {
  if (layer.kind !== 'logMel') throw new Error(`${layer.id} has no frame`);
  return layer.frame;
}

function unitsOf({ placed: { layer } }: BodyStage): number {
  if (layer.kind !== 'lstm') throw new Error(`${layer.id} has no units`);
  return layer.units;
}

function transposeCall(stage: BodyStage, from: string, to: string): string {
  const { input } = stage.placed;
  const [, width, channels] = input.shape;
  if (input.type === 'bits') {
    return `oto_channels_to_height_bits((const uint32_t *)(const void *)(${from}), ${width}, ${channels}, (uint32_t *)(void *)(${to}));`;
  }
  const size = input.type === 'int8' ? 1 : 2;
  return `oto_channels_to_height(${from}, ${width}, ${channels}, ${size}, ${to});`;
}
