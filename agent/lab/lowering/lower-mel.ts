import { UserError } from '../../errors.ts';
import { type Tensor, tensor } from '../../model/tensors.ts';
import type { LogMelNode } from '../../nets/graph.ts';
import { LOG_MEL_FRAMES, type LogMelLayer } from '../../ops/log-mel/layer.ts';
import { MEL_RANGE, melTables } from '../../ops/log-mel/tables.ts';

/**
 * The deployed form of a log-mel node: the tables and the range that training computed its features with, so nothing
 * is calibrated and nothing rounded anew.
 * @throws UserError `net` for a frame that the integer transform does not have.
 */
export function logMelLayer(
  { id, frame: samples, hop, bands }: LogMelNode,
  from: string,
  sampleRate: number,
): { readonly layer: LogMelLayer; readonly tensors: ReadonlyMap<string, Tensor> } {
  const frame = LOG_MEL_FRAMES.find((n) => n === samples);
  if (frame === undefined) {
    throw new UserError('net', `node "${id}" has frames of ${samples} samples`, {
      hint: `they may have ${LOG_MEL_FRAMES.join(', ')}`,
    });
  }
  const { window, twiddle, edge, weight } = melTables({ sampleRate, frame, hop, bands });
  return {
    layer: { kind: 'logMel', id, from, frame, hop, bands, ...MEL_RANGE },
    tensors: new Map([
      [`${id}.window`, tensor(window, [frame])],
      [`${id}.twiddle`, tensor(twiddle, [frame / 4 + 1, 2])],
      [`${id}.edge`, tensor(edge, [bands + 2])],
      [`${id}.weight`, tensor(weight, [frame / 2 + 1])],
    ]),
  };
}
