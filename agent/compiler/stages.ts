import type { Model } from '../model/model.ts';
import { type ConvLayer, WINDOW, type XnorConvLayer } from '../model/plan.ts';
import { convGeometry, type MapInfo, type PlacedLayer } from '../model/shapes.ts';
import { metTaps } from '../model/taps.ts';
import type { Shape } from '../nets/graph.ts';

/** The window of a convolution after trimming: only taps that some output really meets. */
export interface ConvWindow {
  readonly kernel: readonly [height: number, width: number];
  readonly pad: readonly [top: number, left: number];
  /** First kept row and column of the stored kernel. */
  readonly offset: readonly [row: number, column: number];
}

/** A convolution stage: the layer, its maps, and the part of its kernel that is computed. */
export interface ConvStage {
  readonly kind: 'conv';
  readonly placed: PlacedLayer;
  readonly layer: ConvLayer;
  readonly window: ConvWindow;
}

export interface XnorStage {
  readonly kind: 'xnorConv';
  readonly placed: PlacedLayer;
  readonly layer: XnorConvLayer;
  readonly window: ConvWindow;
  /** Residual stages: width and channels of the stream that is added; 0 otherwise. */
  readonly shortcutWidth: number;
  readonly shortcutChannels: number;
}

/** A layer that is run as it stands. */
export interface PlainStage {
  readonly kind: 'sign' | 'channelsToHeight' | 'average' | 'dense' | 'logMel' | 'lstm';
  readonly placed: PlacedLayer;
}

/**
 * Two 1-D convolutions and a pool over samples as they arrive; neither convolution's map exists. The output is
 * turned into an image at once where `toImage` is set.
 */
export interface FrontStage {
  readonly kind: 'front';
  readonly first: ConvStage;
  readonly second: ConvStage | XnorStage;
  readonly toImage: PlacedLayer | undefined;
}

/** A spectrogram whose rows are computed as samples arrive; no more than a frame of them is kept. */
export interface MelStage {
  readonly kind: 'spectrogram';
  readonly placed: PlacedLayer;
}

export type BodyStage = ConvStage | XnorStage | PlainStage;
export type Stage = FrontStage | MelStage | BodyStage;

/** How samples come in, then what runs when the window is complete. */
export interface StagePlan {
  /** Absent: the window itself is kept and the body reads it. */
  readonly front: FrontStage | MelStage | undefined;
  readonly body: readonly BodyStage[];
}

/**
 * True for a 3x3 binary convolution of a single channel whose outputs come from a table of nine bits
 * (oto_xnor_table_run).
 */
export function isTabled(stage: XnorStage): boolean {
  const { layer, window, placed } = stage;
  const [height, width, channels] = placed.input.shape;
  return (
    channels === 1 &&
    height > 1 &&
    width > 1 &&
    window.kernel.join() === '3,3' &&
    window.pad.join() === '1,1' &&
    layer.stride.join() === '1,1' &&
    layer.padValue === 0 &&
    layer.output.type === 'bits' &&
    layer.channels <= 32
  );
}

/** Names of the layers that a stage computes. */
export function stageName(stage: Stage): string {
  if (stage.kind !== 'front') return stage.placed.layer.id;
  return `${stage.first.layer.id}+${stage.second.layer.id}`;
}

/** The layer whose map a stage leaves behind. */
export function stageOutput(stage: Stage): PlacedLayer {
  if (stage.kind !== 'front') return stage.placed;
  return stage.toImage ?? stage.second.placed;
}

/** Groups a model's layers into stages; `streaming` fuses the front end where the network has one. */
export function planStages(model: Model, streaming: boolean): StagePlan {
  const maps = new Map<string, Shape>([
    [WINDOW, model.metadata.input],
    ...model.layers.map((p) => [p.layer.id, p.output.shape] as const),
  ]);
  const stages = model.layers.map((placed) => stageOf(placed, maps));
  const mel = streaming ? melOf(model, stages) : undefined;
  if (mel !== undefined) return { front: mel, body: stages.slice(1) };
  const front = streaming ? frontOf(model, stages) : undefined;
  const used = front === undefined ? 0 : front.toImage === undefined ? 2 : 3;
  return { front, body: stages.slice(used) };
}

function stageOf(placed: PlacedLayer, maps: ReadonlyMap<string, Shape>): BodyStage {
  const { layer } = placed;
  switch (layer.kind) {
    case 'conv':
      return { kind: 'conv', placed, layer, window: trim(placed.input, layer) };
    case 'xnorConv': {
      const window = trim(placed.input, layer);
      const shortcut =
        layer.output.type === 'residual' ? maps.get(layer.output.shortcut) : undefined;
      const [, shortcutWidth, shortcutChannels] = shortcut ?? [0, 0, 0];
      return { kind: 'xnorConv', placed, layer, window, shortcutWidth, shortcutChannels };
    }
    case 'sign':
    case 'channelsToHeight':
    case 'average':
    case 'dense':
    case 'logMel':
    case 'lstm':
      return { kind: layer.kind, placed };
  }
}

/** The part of a kernel that is computed. */
function trim(input: MapInfo, layer: ConvLayer | XnorConvLayer): ConvWindow {
  const { padTop, padLeft } = convGeometry(input.shape, layer);
  const { rows, columns } = metTaps(input.shape, layer);
  return {
    kernel: [rows.to - rows.from, columns.to - columns.from],
    pad: [padTop - rows.from, padLeft - columns.from],
    offset: [rows.from, columns.from],
  };
}

/** Straight-line code grows with inputs times channels; beyond this a binary front end is run as a layer. */
const LARGEST_BIT_NETWORK = 4096;

/** The front end: 1-D strided convolution from the window, 1-D convolution with a pool, perhaps a turn to an image. */
function frontOf(model: Model, stages: readonly BodyStage[]): FrontStage | undefined {
  const [first, second, third] = stages;
  if (first?.kind !== 'conv' || first.layer.from !== WINDOW) return undefined;
  if (second?.kind !== 'conv' && second?.kind !== 'xnorConv') return undefined;
  const streams = (s: ConvStage | XnorStage): boolean =>
    s.layer.kernel[0] === 1 &&
    s.layer.padding === 'valid' &&
    s.placed.input.shape[0] === 1 &&
    s.layer.kernel[1] >= s.layer.stride[1];
  const passed = second.kind === 'conv' ? 'int8' : 'bits';
  const fits =
    streams(first) &&
    streams(second) &&
    first.placed.input.shape[2] === 1 &&
    first.layer.pool[1] === 1 &&
    first.layer.output.type === passed &&
    second.layer.from === first.layer.id &&
    second.layer.pool[1] > 1 &&
    second.layer.output.type === passed &&
    readersOf(model, first.layer.id) === 1;
  if (!fits) return undefined;
  const turns =
    third?.kind === 'channelsToHeight' &&
    third.placed.layer.from === second.layer.id &&
    readersOf(model, second.layer.id) === 1;
  if (second.kind === 'xnorConv') {
    // Signs leave the front end as one row per channel, which is the image.
    const size = second.layer.kernel[1] * second.placed.input.shape[2] * second.layer.channels;
    if (!turns || size > LARGEST_BIT_NETWORK) return undefined;
  }
  return { kind: 'front', first, second, toImage: turns ? third.placed : undefined };
}

/** A spectrogram that is the only layer to read the window. */
function melOf(model: Model, [first]: readonly BodyStage[]): MelStage | undefined {
  if (first?.kind !== 'logMel' || readersOf(model, WINDOW) !== 1) return undefined;
  return { kind: 'spectrogram', placed: first.placed };
}

function readersOf(model: Model, id: string): number {
  return model.layers.filter(
    ({ layer }) =>
      layer.from === id ||
      (layer.kind === 'xnorConv' &&
        layer.output.type === 'residual' &&
        layer.output.shortcut === id),
  ).length;
}

/** The int16 stream that a residual stage adds, if it is one. */
export function shortcutOf(stage: Stage): string | undefined {
  if (stage.kind !== 'xnorConv' || stage.layer.output.type !== 'residual') return undefined;
  return stage.layer.output.shortcut;
}
