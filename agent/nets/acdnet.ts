import { UserError } from '../base/errors.ts';
import type { Block, BlockForm } from '../ops/convolution/block.ts';
import type { Pair } from '../ops/maps.ts';
import { INPUT } from '../ops/node.ts';
import { convBlock } from './blocks.ts';
import type { Net, Node } from './graph.ts';
import { CNN_FRAMES, melImage } from './mel.ts';
import type { AcdnetPreset } from './presets.ts';

/** Real throughout, or binary in the paper's blocks, or binary in residual blocks. */
export type AcdnetForm = 'real' | 'paper' | 'residual';

export interface AcdnetOptions extends AcdnetPreset {
  readonly name: string;
  readonly classes: number;
  readonly form: AcdnetForm;
  /** Convolutions that stay real in a binary network; the first in the paper's form, conv1-3 and conv12 in residual. */
  readonly realConvs?: readonly number[] | undefined;
  /** Samples of one window; 30,225 is 1.51 s at 20 kHz. */
  readonly samples?: number | undefined;
}

/** Window of every published ACDNet: 1.51 s at 20 kHz. */
const ACDNET_SAMPLES = 30225;
const ACDNET_SAMPLE_RATE = 20000;

/** Convolutions that stay real in each form unless said otherwise, besides the first. */
const REAL_CONVS: Record<AcdnetForm, readonly number[]> = {
  real: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
  paper: [],
  residual: [1, 2, 3, 12],
};

/**
 * An ACDNet (Mohaimenuzzaman et al., "Environmental Sound Classification on the Edge"): two strided 1-D
 * convolutions and a pool over 10 ms, whose channels become the height of an image; nine 3x3 convolutions
 * with 2x2 pools (a dimension that has shrunk to 1 is not pooled further); 1x1 convolution, average, dense.
 * Or the same nine on a log-mel spectrogram, whose frames are pooled by four at first.
 * @throws UserError `net` on a channel list that is not as many positive integers as there are convolutions.
 */
export function acdnet(options: AcdnetOptions): Net {
  const { classes, front = 'convolutions', samples = ACDNET_SAMPLES } = options;
  const chain = new Chain(options, front === 'convolutions' ? 1 : 3);
  let size = front === 'convolutions' ? waveformFront(chain, samples) : melFront(chain, samples);
  const body = (n: number, most: Pair): void => {
    const pool: Pair = [Math.min(most[0], size[0]), Math.min(most[1], size[1])];
    chain.conv(n, { kernel: [3, 3], stride: [1, 1], padding: 'same', pool });
    size = [Math.floor(size[0] / pool[0]), Math.floor(size[1] / pool[1])];
  };
  body(3, front === 'convolutions' ? [2, 2] : [4, 2]);
  for (const first of [4, 6, 8, 10]) {
    body(first, [1, 1]);
    body(first + 1, [2, 2]);
  }
  chain.push({ kind: 'dropout', id: 'dropout', from: chain.end, rate: 0.2 });
  chain.conv(12, { kernel: [1, 1], stride: [1, 1], padding: 'valid', pool: [1, 1] });
  chain.push({ kind: 'average', id: 'average', from: chain.end });
  chain.push({ kind: 'dense', id: 'dense', from: chain.end, units: classes });
  const input = [1, samples, 1] as const;
  return { name: options.name, classes, sampleRate: ACDNET_SAMPLE_RATE, input, nodes: chain.nodes };
}

/** Nodes one after the other, with the channels and forms that the options give their convolutions. */
class Chain {
  readonly nodes: Node[] = [];
  readonly #options: AcdnetOptions;
  readonly #first: number;
  readonly #real: ReadonlySet<number>;

  /** @param first number of the first convolution */
  constructor(options: AcdnetOptions, first: number) {
    const { channels, form, realConvs = REAL_CONVS[form] } = options;
    if (channels.length !== 12 - first || channels.some((c) => !Number.isInteger(c) || c < 1)) {
      const wanted =
        first === 1
          ? 'an ACDNet has eleven channel counts, conv1 to conv11'
          : 'an ACDNet on a spectrogram has nine channel counts, conv3 to conv11';
      throw new UserError('net', `${wanted}; got ${channels.join(' ')}`);
    }
    this.#options = options;
    this.#first = first;
    this.#real = new Set(options.realConvs === undefined ? [first, ...realConvs] : realConvs);
  }

  /** Id of the last node. */
  get end(): string {
    return this.nodes.at(-1)?.id ?? INPUT;
  }

  push(node: Node): void {
    this.nodes.push(node);
  }

  /** Adds convolution `n`, and gives it. */
  conv(n: number, window: Pick<Block, 'kernel' | 'stride' | 'padding' | 'pool'>): Block {
    const { form, channels, conv12, classes } = this.#options;
    const block: BlockForm = form === 'real' || this.#real.has(n) ? 'plain' : form;
    const width = n === 12 ? (conv12 ?? classes) : (channels[n - this.#first] ?? 0);
    const id = `conv${n}`;
    const node = convBlock({ id, from: this.end, form: block, channels: width, ...window });
    this.push(node);
    return node;
  }
}

/** conv1, conv2 and the swap of axes; gives height and width of the image. */
function waveformFront(chain: Chain, samples: number): Pair {
  chain.conv(1, { kernel: [1, 9], stride: [1, 2], padding: 'valid', pool: [1, 1] });
  const { channels } = chain.conv(2, {
    kernel: [1, 5],
    stride: [1, 2],
    padding: 'valid',
    pool: [1, 50],
  });
  chain.push({ kind: 'channelsToHeight', id: 'image', from: chain.end });
  const conv1Width = Math.floor((samples - 9) / 2) + 1;
  const conv2Width = Math.floor((conv1Width - 5) / 2) + 1;
  return [channels, Math.floor(conv2Width / 50)];
}

/** The spectrogram; gives its frames and bands. */
function melFront(chain: Chain, samples: number): Pair {
  const { mel, size } = melImage({ samples }, CNN_FRAMES);
  chain.push(mel);
  return size;
}
