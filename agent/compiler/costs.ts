import { convGeometry } from '../model/shapes.ts';
import type { Stage } from './stages.ts';

/** Multiply-accumulates of a stage as the network counts them: every tap of every output, padding included. */
export interface StageCosts {
  readonly macs: number;
  readonly binaryMacs: number;
}

export function stageCosts(stage: Stage): StageCosts {
  switch (stage.kind) {
    case 'front': {
      const [a, b] = [stageCosts(stage.first), stageCosts(stage.second)];
      return { macs: a.macs + b.macs, binaryMacs: a.binaryMacs + b.binaryMacs };
    }
    case 'conv':
    case 'xnorConv': {
      const { layer, placed } = stage;
      const { height, width } = convGeometry(placed.input.shape, layer);
      const taps = layer.kernel[0] * layer.kernel[1] * placed.input.shape[2];
      const macs = height * width * taps * layer.channels;
      return { macs, binaryMacs: stage.kind === 'xnorConv' ? macs : 0 };
    }
    case 'dense': {
      const { input, output } = stage.placed;
      const macs = input.shape[0] * input.shape[1] * input.shape[2] * output.shape[2];
      return { macs, binaryMacs: 0 };
    }
    case 'lstm': {
      const { input, output } = stage.placed;
      const units = output.shape[2];
      const inputs = input.shape[1] * input.shape[2];
      return { macs: input.shape[0] * 4 * units * (inputs + units), binaryMacs: 0 };
    }
    case 'sign':
    case 'channelsToHeight':
    case 'average':
    case 'logMel':
    case 'spectrogram':
      return { macs: 0, binaryMacs: 0 };
  }
}
