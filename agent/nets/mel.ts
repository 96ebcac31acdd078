import { UserError } from '../base/errors.ts';
import type { LogMelNode } from '../ops/log-mel/node.ts';
import type { Pair } from '../ops/maps.ts';
import { INPUT } from '../ops/node.ts';
import { convBlock } from './blocks.ts';
import type { Net, Node } from './graph.ts';
import { MEL_PRESETS, type MelPreset } from './presets.ts';

interface MelOptions {
  readonly name: string;
  readonly classes: number;
  readonly sampleRate?: number | undefined;
  readonly samples?: number | undefined;
  /** Samples of one transform: 64, 128, 256, 512 or 1024. */
  readonly frame?: number | undefined;
  readonly hop?: number | undefined;
  readonly bands?: number | undefined;
}

export interface MelCnnOptions extends MelOptions {
  /** Output channels of the 3x3 convolutions; each is followed by a 2x2 pool while there is something to pool. */
  readonly channels: readonly number[];
}

export interface MelLstmOptions extends MelOptions {
  /** Numbers of the recurrent state. */
  readonly units: number;
}

/** Window of the mel networks: as ACDNet's, so that the two are compared on the same sound. */
const SAMPLES = 30225;
const SAMPLE_RATE = 20000;
const DROPOUT = 0.2;

/** Frames of 26 ms that overlap by half, for convolutions. */
export const CNN_FRAMES = { frame: 512, hop: 256 } as const;

/** A network of the second study by its preset's name, with other sizes where they are given. */
export function melNet(
  preset: MelPreset,
  sizes: { readonly channels?: readonly number[] | undefined; readonly units?: number | undefined },
  rest: MelOptions,
): Net {
  switch (preset) {
    case 'mel-cnn':
      return melCnn({ ...rest, channels: sizes.channels ?? MEL_PRESETS[preset].channels });
    case 'mel-lstm':
      return melLstm({ ...rest, units: sizes.units ?? MEL_PRESETS[preset].units });
  }
}

/**
 * A convolutional network on a log-mel spectrogram, after Mou and Milanova (Sci 2024, 6(1), 21): 3x3 convolutions with
 * batch norm, ReLU and 2x2 pools, the mean over time and frequency, dense.
 * @throws UserError `net` without channels, or where the window is shorter than a frame.
 */
export function melCnn(options: MelCnnOptions): Net {
  const { channels, classes } = options;
  if (channels.length === 0) throw new UserError('net', 'a mel CNN has at least one convolution');
  const { mel, size: spectrogram } = melImage(options, CNN_FRAMES);
  const nodes: Node[] = [mel];
  let from = 'mel';
  let size = spectrogram;
  channels.forEach((width, i) => {
    const pool: Pair = [Math.min(2, size[0]), Math.min(2, size[1])];
    const conv = convBlock({
      id: `conv${i + 1}`,
      from,
      form: 'plain',
      channels: width,
      kernel: [3, 3],
      stride: [1, 1],
      padding: 'same',
      pool,
    });
    nodes.push(conv);
    from = conv.id;
    size = [Math.floor(size[0] / pool[0]), Math.floor(size[1] / pool[1])];
  });
  nodes.push({ kind: 'average', id: 'average', from });
  nodes.push({ kind: 'dropout', id: 'dropout', from: 'average', rate: DROPOUT });
  nodes.push({ kind: 'dense', id: 'dense', from: 'dropout', units: classes });
  return netOf(options, nodes);
}

/**
 * A recurrent network on a log-mel spectrogram, after the same study: one LSTM along time, dense on its last state.
 * Frames are twice as long as the CNN's, so that a gradient has half as many steps to come back through.
 * @throws UserError `net` without units, or where the window is shorter than a frame.
 */
export function melLstm(options: MelLstmOptions): Net {
  const { units, classes } = options;
  if (units < 1) throw new UserError('net', 'a mel LSTM has at least one unit');
  const { mel } = melImage(options, { frame: 1024, hop: 512 });
  return netOf(options, [
    mel,
    { kind: 'lstm', id: 'lstm', from: mel.id, units },
    { kind: 'dropout', id: 'dropout', from: 'lstm', rate: DROPOUT },
    { kind: 'dense', id: 'dense', from: 'dropout', units: classes },
  ]);
}

/** The spectrogram, and its height (time) and width. @throws UserError `net` for a window shorter than a frame. */
export function melImage(
  options: Pick<MelOptions, 'frame' | 'hop' | 'bands' | 'samples'>,
  usual: { readonly frame: number; readonly hop: number },
): { readonly mel: LogMelNode; readonly size: Pair } {
  const { frame = usual.frame, hop = usual.hop, bands = 40, samples = SAMPLES } = options;
  if (samples < frame) {
    throw new UserError(
      'net',
      `a window of ${samples} samples is shorter than a frame of ${frame}`,
    );
  }
  const mel: LogMelNode = { kind: 'logMel', id: 'mel', from: INPUT, frame, hop, bands };
  const size: Pair = [Math.floor((samples - frame) / hop) + 1, bands];
  return { mel, size };
}

function netOf(options: MelOptions, nodes: readonly Node[]): Net {
  const { name, classes, sampleRate = SAMPLE_RATE, samples = SAMPLES } = options;
  return { name, classes, sampleRate, input: [1, samples, 1], nodes };
}
