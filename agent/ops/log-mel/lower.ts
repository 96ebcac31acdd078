import { UserError } from '../../base/errors.ts';
import type { Lowering, RandomLowering } from '../lowering.ts';
import { SCALE } from '../output-stage/random.ts';
import { LOG_MEL_FRAMES, type LogMelLayer } from './layer.ts';
import type { LogMelNode } from './node.ts';
import { MEL_RANGE, melTables } from './tables.ts';

/** Nothing is calibrated and nothing rounded again: training computed its features with these tables and this range. */
export function lower(node: LogMelNode, to: Lowering): void {
  const layer = { ...withTables(node, to), ...MEL_RANGE };
  to.layer<LogMelLayer>({ ...layer, from: to.source.id });
  to.gives({ type: 'int8', scale: layer.scale, zeroPoint: layer.zeroPoint });
}

/** Energies of audible sound lie between 2^16 and 2^48: 32 octaves over 256 steps. */
const RANDOM_RANGE = { offset: 8192, multiplier: 2048, zeroPoint: -128, scale: SCALE } as const;

export function lowerRandom(node: LogMelNode, to: RandomLowering): void {
  const layer = { ...withTables(node, to), ...RANDOM_RANGE };
  to.layer<LogMelLayer>({ ...layer, from: to.source.id }, 'int8');
}

/**
 * Writes the tables of a node's layer; gives the layer but for range and input.
 * @throws UserError `net` for a frame that the integer transform does not have.
 */
function withTables(
  { id, frame: samples, hop, bands }: LogMelNode,
  to: Pick<Lowering, 'sampleRate' | 'tensor'>,
) {
  const frame = LOG_MEL_FRAMES.find((n) => n === samples);
  if (frame === undefined) {
    throw new UserError('net', `node "${id}" has frames of ${samples} samples`, {
      hint: `they may have ${LOG_MEL_FRAMES.join(', ')}`,
    });
  }
  const { window, twiddle, edge, weight } = melTables({
    sampleRate: to.sampleRate,
    frame,
    hop,
    bands,
  });
  to.tensor(`${id}.window`, window, [frame]);
  to.tensor(`${id}.twiddle`, twiddle, [frame / 4 + 1, 2]);
  to.tensor(`${id}.edge`, edge, [bands + 2]);
  to.tensor(`${id}.weight`, weight, [frame / 2 + 1]);
  return { kind: 'logMel', id, frame, hop, bands } as const;
}
