import { UserError } from '../errors.ts';
import { type BlockForm, type ConvNode, INPUT, type Net, type Node, type Pair } from './graph.ts';

/** Real throughout, or binary in the paper's blocks, or binary in residual blocks. */
export type AcdnetForm = 'real' | 'paper' | 'residual';

export interface AcdnetOptions {
  readonly name: string;
  /** Output channels of conv1 .. conv11. */
  readonly channels: readonly number[];
  /** Output channels of conv12, the 1x1 convolution before the average; as many as classes if absent. */
  readonly conv12?: number | undefined;
  readonly classes: number;
  readonly form: AcdnetForm;
  /** Convolutions that stay real in a binary network; conv1 in the paper's form, conv1-3 and conv12 in residual. */
  readonly realConvs?: readonly number[] | undefined;
  /** Samples of one window; 30,225 is 1.51 s at 20 kHz. */
  readonly samples?: number | undefined;
}

/** Window of every published ACDNet: 1.51 s at 20 kHz. */
export const ACDNET_SAMPLES = 30225;
export const ACDNET_SAMPLE_RATE = 20000;

/** Channel lists by published name; conv12 where it is not the number of classes. */
export const ACDNET_PRESETS = {
  acdnet: { channels: [8, 64, 32, 64, 64, 128, 128, 256, 256, 512, 512], conv12: undefined },
  'micro-acdnet': { channels: [7, 20, 10, 14, 22, 31, 35, 41, 51, 67, 69], conv12: 48 },
  'mini-acdnet': {
    channels: [5, 42, 21, 42, 42, 72, 72, 145, 145, 206, 206],
    conv12: undefined,
  },
} as const;

export type AcdnetPreset = keyof typeof ACDNET_PRESETS;

/** Convolutions that stay real in each form unless said otherwise. */
const REAL_CONVS: Record<AcdnetForm, readonly number[]> = {
  real: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
  paper: [1],
  residual: [1, 2, 3, 12],
};

/**
 * An ACDNet (Mohaimenuzzaman et al., "Environmental Sound Classification on the Edge"): two strided 1-D
 * convolutions and a pool over 10 ms, whose channels become the height of an image; nine 3x3 convolutions
 * with 2x2 pools (a dimension that has shrunk to 1 is not pooled further); 1x1 convolution, average, dense.
 * @throws UserError `net` on a channel list that is not eleven positive integers.
 */
export function acdnet(options: AcdnetOptions): Net {
  const { channels, classes, form } = options;
  if (channels.length !== 11 || channels.some((c) => !Number.isInteger(c) || c < 1)) {
    const got = channels.join(' ');
    throw new UserError('net', `an ACDNet has eleven channel counts, conv1 to conv11; got ${got}`);
  }
  const real = new Set(options.realConvs ?? REAL_CONVS[form]);
  const formOf = (n: number): BlockForm => (form === 'real' || real.has(n) ? 'plain' : form);
  const width = (n: number): number => channels[n - 1] ?? 0;
  const samples = options.samples ?? ACDNET_SAMPLES;

  const nodes: Node[] = [];
  let from = INPUT;
  const push = (node: Node): void => {
    nodes.push(node);
    from = node.id;
  };
  type Window = Pick<ConvNode, 'kernel' | 'stride' | 'padding' | 'pool'>;
  const conv = (n: number, out: number, window: Window): void =>
    push({ kind: 'conv', id: `conv${n}`, from, form: formOf(n), channels: out, ...window });

  conv(1, width(1), { kernel: [1, 9], stride: [1, 2], padding: 'valid', pool: [1, 1] });
  conv(2, width(2), { kernel: [1, 5], stride: [1, 2], padding: 'valid', pool: [1, 50] });
  push({ kind: 'channelsToHeight', id: 'image', from });

  let size: Pair = [width(2), frontFrames(samples)];
  const body = (n: number, pooled: boolean): void => {
    const pool: Pair = pooled ? [Math.min(2, size[0]), Math.min(2, size[1])] : [1, 1];
    conv(n, width(n), { kernel: [3, 3], stride: [1, 1], padding: 'same', pool });
    size = [Math.floor(size[0] / pool[0]), Math.floor(size[1] / pool[1])];
  };
  body(3, true);
  for (const first of [4, 6, 8, 10]) {
    body(first, false);
    body(first + 1, true);
  }
  push({ kind: 'dropout', id: 'dropout', from, rate: 0.2 });
  const pointwise: Window = { kernel: [1, 1], stride: [1, 1], padding: 'valid', pool: [1, 1] };
  conv(12, options.conv12 ?? classes, pointwise);
  push({ kind: 'average', id: 'average', from });
  push({ kind: 'dense', id: 'dense', from, units: classes });
  const input = [1, samples, 1] as const;
  return { name: options.name, classes, sampleRate: ACDNET_SAMPLE_RATE, input, nodes };
}

/** Columns left of a window after conv1, conv2 and the pool over 50 (10 ms). */
function frontFrames(samples: number): number {
  const conv1 = Math.floor((samples - 9) / 2) + 1;
  const conv2 = Math.floor((conv1 - 5) / 2) + 1;
  return Math.floor(conv2 / 50);
}
