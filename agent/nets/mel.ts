import { UserError } from '../errors.ts';
import { type ConvNode, INPUT, type Net, type Node, type Pair } from './graph.ts';

export interface MelCnnOptions {
  readonly name: string;
  readonly classes: number;
  /** Output channels of the 3x3 convolutions; each is followed by a 2x2 pool while there is something to pool. */
  readonly channels: readonly number[];
  readonly sampleRate?: number | undefined;
  readonly samples?: number | undefined;
  /** Samples of one transform: 64, 128, 256, 512 or 1024. */
  readonly frame?: number | undefined;
  readonly hop?: number | undefined;
  readonly bands?: number | undefined;
}

/** Window of the mel networks: as ACDNet's, so that the two are compared on the same sound. */
const SAMPLES = 30225;
const SAMPLE_RATE = 20000;

/**
 * A convolutional network on a log-mel spectrogram, after Mou and Milanova (Sci 2024, 6(1), 21): 3x3 convolutions with
 * batch norm, ReLU and 2x2 pools, the mean over time and frequency, dense.
 * @throws UserError `net` without channels, or where the window is shorter than a frame.
 */
export function melCnn(options: MelCnnOptions): Net {
  const { name, classes, channels } = options;
  const { frame = 512, hop = 256, bands = 40, samples = SAMPLES } = options;
  if (channels.length === 0) throw new UserError('net', 'a mel CNN has at least one convolution');
  if (samples < frame) {
    throw new UserError(
      'net',
      `a window of ${samples} samples is shorter than a frame of ${frame}`,
    );
  }
  const nodes: Node[] = [{ kind: 'logMel', id: 'mel', from: INPUT, frame, hop, bands }];
  let from = 'mel';
  let size: Pair = [Math.floor((samples - frame) / hop) + 1, bands];
  channels.forEach((width, i) => {
    const pool: Pair = [Math.min(2, size[0]), Math.min(2, size[1])];
    const conv: ConvNode = {
      kind: 'conv',
      id: `conv${i + 1}`,
      from,
      form: 'plain',
      channels: width,
      kernel: [3, 3],
      stride: [1, 1],
      padding: 'same',
      pool,
    };
    nodes.push(conv);
    from = conv.id;
    size = [Math.floor(size[0] / pool[0]), Math.floor(size[1] / pool[1])];
  });
  nodes.push({ kind: 'average', id: 'average', from });
  nodes.push({ kind: 'dropout', id: 'dropout', from: 'average', rate: 0.2 });
  nodes.push({ kind: 'dense', id: 'dense', from: 'dropout', units: classes });
  const sampleRate = options.sampleRate ?? SAMPLE_RATE;
  return { name, classes, sampleRate, input: [1, samples, 1], nodes };
}
