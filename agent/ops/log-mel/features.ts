import type { LogMelNode } from './node.ts';
import { logMelInt8 } from './spectrogram.ts';
import { MEL_RANGE, melTables } from './tables.ts';

/** Log-mel features of windows [count][samples] in -1..1: [count][frames][bands]. */
export type Features = (windows: Float32Array, samples: number) => Float32Array;

/**
 * Features as a float network reads them: the integers of the deployed front end times their scale, so that training
 * sees what the board will see. Nothing is learnt here and no gradient comes back.
 */
export function logMelFeatures(node: LogMelNode, sampleRate: number): Features {
  const { frame, hop, bands } = node;
  const spectrogram = logMelInt8(melTables({ sampleRate, frame, hop, bands }), MEL_RANGE);
  return (windows, samples) => {
    const count = windows.length / samples;
    const size = (Math.floor((samples - frame) / hop) + 1) * bands;
    const out = new Float32Array(count * size);
    for (let i = 0; i < count; i++) {
      const window = windows.subarray(i * samples, (i + 1) * samples);
      const values = spectrogram(toInt16(window));
      for (let j = 0; j < size; j++) {
        out[i * size + j] = ((values[j] as number) - MEL_RANGE.zeroPoint) * MEL_RANGE.scale;
      }
    }
    return out;
  };
}

/** Samples as they reach a board: mixtures that are too loud clip. */
function toInt16(window: Float32Array): Int16Array {
  const out = new Int16Array(window.length);
  for (let i = 0; i < out.length; i++) {
    const v = (window[i] as number) * 32768;
    out[i] = v >= 32767 ? 32767 : v <= -32768 ? -32768 : Math.floor(v + 0.5);
  }
  return out;
}
