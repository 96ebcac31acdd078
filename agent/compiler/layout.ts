import type { Model } from '../model/model.ts';
import { WINDOW } from '../model/plan.ts';
import type { MapInfo, PlacedLayer } from '../model/shapes.ts';
import { ALIGN, alignUp, overlapGap, type Placement, placeRegions, type Region } from './arena.ts';
import type { KernelSet } from './kernels.ts';
import {
  type BodyStage,
  type FrontStage,
  type StagePlan,
  shortcutOf,
  stageOutput,
  type XnorStage,
} from './stages.ts';

/** Where everything a model needs while it runs lies in its arena. */
export interface Layout {
  readonly arena: Placement;
  /** Bytes of each stage's scratch, by stage index in the body. */
  readonly scratch: readonly number[];
  readonly front: FrontSizes | undefined;
  /** Bytes of what a streaming front end keeps between portions of samples; 0 without one. */
  readonly stateBytes: number;
}

/** Sizes of a streaming front end (firmware/nn/fused-front-end). */
export interface FrontSizes {
  readonly span: number;
  readonly advance: number;
  readonly frames: number;
  /** Binary front ends: pool fields that are computed at once, and words of a plane of their positions. */
  readonly batch: number;
  readonly words: number;
  readonly sampleBytes: number;
  readonly stateBytes: number;
}

/** Id of the region that holds the front end's state, or the samples taken so far. */
export const INTAKE = 'intake';
export const scratchId = (index: number): string => `scratch ${index}`;

/** Bytes that kernels may read past the samples of a front end, or past the positions below in its tile. */
const OVERREAD = 16;
/** Positions past the last one that kernels may compute, to fill a block. */
const SPARE_POSITIONS = 3;
/** The C side's oto_front_state. */
export const STATE_HEADER = 8;

/** Bytes of a map in the arena. */
export function mapBytes(map: MapInfo): number {
  const [h, w, c] = map.shape;
  switch (map.type) {
    case 'int8':
      return h * w * c;
    case 'int16':
      return h * w * c * 2;
    case 'scores':
      return h * w * c * 4;
    case 'bits':
      return h * bitRowWords(map) * 4;
  }
}

/** Words of one row of a map of signs. */
export function bitRowWords(map: MapInfo): number {
  return Math.ceil((map.shape[1] * map.shape[2]) / 32);
}

/** Positions of a binary front end's batch, at most: eight words, two vectors of 128 bits. */
const BATCH_POSITIONS = 256;

export function frontSizes(front: FrontStage, kernels: KernelSet): FrontSizes {
  const { first, second } = front;
  const [, pool] = second.layer.pool;
  const [, stride] = second.layer.stride;
  const [, kernel] = second.layer.kernel;
  const span = (pool - 1) * stride + kernel;
  const advance = pool * stride;
  const frames = second.placed.output.shape[1];
  // The last tap of a batch's last position lies this many bits beyond it, in its phase's plane.
  const beyond = Math.floor((kernel - 1) / stride);
  const batch = Math.max(1, Math.min(frames, Math.floor((BATCH_POSITIONS - beyond) / pool)));
  const lanes = kernels.laneWords;
  const words = Math.ceil((batch * pool + beyond) / 32 / lanes) * lanes;
  const binary = second.kind === 'xnorConv';
  const outputs = binary ? words * 32 * stride : span;
  const samples = (outputs - 1) * first.layer.stride[1] + first.layer.kernel[1];
  const sampleBytes = alignUp(samples * 2 + OVERREAD);
  const channels = first.layer.channels;
  const tileBytes = (span + SPARE_POSITIONS * stride) * channels * kernels.tileElement + OVERREAD;
  const planeBytes = 4 * (stride * channels * (words + lanes) + second.layer.channels * words);
  const stateBytes = STATE_HEADER + sampleBytes + (binary ? planeBytes : tileBytes);
  return { span, advance, frames, batch, words, sampleBytes, stateBytes };
}

/** Plans the arena. Time is counted in stages: 0 while samples come in, then 1 for the body's first stage. */
export function layOut(model: Model, plan: StagePlan, kernels: KernelSet): Layout {
  const lastRead = lastReads(plan.body);
  const front = plan.front?.kind === 'front' ? frontSizes(plan.front, kernels) : undefined;
  const mel = plan.front?.kind === 'spectrogram' ? plan.front : undefined;
  const stateBytes = front?.stateBytes ?? (mel === undefined ? 0 : melStateBytes(mel.placed));
  const regions: Region[] = [];
  if (plan.front === undefined) {
    const window: MapInfo = { shape: model.metadata.input, type: 'int16', zeroPoint: 0 };
    // A count of the samples so far, then the samples.
    regions.push({
      id: INTAKE,
      bytes: ALIGN + mapBytes(window),
      from: 0,
      to: lastRead.get(WINDOW) ?? 0,
    });
  } else {
    const output = stageOutput(plan.front);
    const to = lastRead.get(output.layer.id) ?? 0;
    regions.push({ id: output.layer.id, bytes: mapBytes(output.output), from: 0, to });
  }
  const scratch = plan.body.map((stage) => scratchBytes(stage, kernels));
  plan.body.forEach((stage, index) => {
    const time = index + 1;
    const { layer, output } = stage.placed;
    if (output.type !== 'scores') {
      const to = lastRead.get(layer.id) ?? time;
      const over = overOf(stage, kernels);
      regions.push({ id: layer.id, bytes: mapBytes(output), from: time, to, over });
    }
  });
  scratch.forEach((bytes, index) => {
    if (bytes > 0) regions.push({ id: scratchId(index), bytes, from: index + 1, to: index + 1 });
  });
  if (plan.front !== undefined) regions.push({ id: INTAKE, bytes: stateBytes, from: 0, to: 0 });
  return { arena: placeRegions(regions), scratch, front, stateBytes };
}

function lastReads(body: readonly BodyStage[]): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  body.forEach((stage, index) => {
    last.set(stage.placed.layer.from, index + 1);
    const shortcut = shortcutOf(stage);
    if (shortcut !== undefined) last.set(shortcut, index + 1);
  });
  return last;
}

function scratchBytes(stage: BodyStage, kernels: KernelSet): number {
  switch (stage.kind) {
    case 'conv':
      return kernels.convScratch(stage);
    case 'xnorConv':
      return xnorScratch(stage, kernels);
    case 'logMel':
      return logMelScratch(stage.placed);
    case 'lstm':
      return lstmScratch(stage);
    default:
      return 0;
  }
}

/** The C side's OTO_LOG_MEL_SCRATCH. */
function logMelScratch({ layer }: PlacedLayer): number {
  return layer.kind === 'logMel' ? layer.frame * 4 + 8 : 0;
}

/** The C side's OTO_LOG_MEL_STATE. */
function melStateBytes(placed: PlacedLayer): number {
  const { layer } = placed;
  return layer.kind === 'logMel' ? 16 + layer.frame * 2 + logMelScratch(placed) : 0;
}

/** The C side's OTO_LSTM_SCRATCH. */
function lstmScratch({ placed: { layer } }: BodyStage): number {
  return layer.kind === 'lstm' ? layer.units * 12 : 0;
}

/** Words of a channel's weights as the model has them, before a target's padding. */
export function xnorPatchWords(stage: XnorStage): number {
  const [kh, kw] = stage.window.kernel;
  return Math.ceil((kh * kw * stage.placed.input.shape[2]) / 32);
}

/** The C side's OTO_XNOR_SCRATCH. */
function xnorScratch(stage: XnorStage, kernels: KernelSet): number {
  if (kernels.xnorScratch !== undefined) return kernels.xnorScratch(stage);
  const channels = Math.ceil(stage.layer.channels / 4) * 4;
  return 4 * (kernels.xnorWords(xnorPatchWords(stage)) + 4 * channels);
}

/** Which region a stage's output may lie over, and how far below it must begin. */
function overOf(stage: BodyStage, kernels: KernelSet): Region['over'] {
  const { input, output, layer } = stage.placed;
  const outRowBytes = mapBytes(output) / output.shape[0];
  // A map of signs is cleared before its first row is computed.
  if (stage.kind === 'conv' && kernels.tiled && output.type !== 'bits') {
    const rowsPerOutput = stage.layer.pool[0] * stage.layer.stride[0];
    const gap = overlapGap({
      outRows: output.shape[0],
      outRowBytes,
      inRowBytes: mapBytes(input) / input.shape[0],
      nextRead: (r) => Math.max(0, (r + 1) * rowsPerOutput - stage.window.pad[0]),
    });
    return { id: layer.from, gap };
  }
  if (stage.kind === 'xnorConv' && stage.layer.output.type === 'residual') {
    return overShortcut(stage, outRowBytes);
  }
  return undefined;
}

/** Each value of a residual stage reads the shortcut at its own position, then is written. */
function overShortcut(stage: XnorStage, outRowBytes: number): Region['over'] {
  const { layer, shortcutChannels, shortcutWidth } = stage;
  const { output } = stage.placed;
  if (layer.output.type !== 'residual') return undefined;
  const id = layer.output.shortcut;
  if (shortcutChannels === layer.channels) return { id, gap: 0 };
  const inRowBytes = shortcutWidth * shortcutChannels * 2;
  let gap = 0;
  for (let r = 0; r < output.shape[0]; r++) {
    gap = Math.max(gap, (r + 1) * outRowBytes - r * layer.pool[0] * inRowBytes);
  }
  return { id, gap };
}
