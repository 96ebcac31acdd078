import type { CSource } from '../../c/c-source.ts';
import { holds } from '../../c/c-text.ts';
import { WINDOW } from '../maps.ts';
import type { FrontEnd, Neighbours, Placed } from '../operator.ts';
import type { LayerTensors } from '../tensors.ts';
import type { LogMelLayer } from './layer.ts';
import { transformFactors } from './transform-factors.ts';

type PlacedLogMel = Placed<LogMelLayer>;

/** The C side's OTO_LOG_MEL_SCRATCH, in bytes. */
export const scratchBytes = ({ layer }: PlacedLogMel): number => layer.frame * 4 + 8;

/** The C side's OTO_LOG_MEL_STATE, in bytes: a count, the samples of a frame, and what its transform takes. */
const stateBytes = (placed: PlacedLogMel): number =>
  16 + placed.layer.frame * 2 + scratchBytes(placed);

/** The oto_log_mel of a layer. */
export function emitConstants(
  c: CSource,
  { layer, inputs: [input] }: PlacedLogMel,
  tensors: LayerTensors,
): void {
  const { id } = layer;
  for (const name of ['window', 'edge', 'weight']) {
    c.array(`${id}_${name}`, { type: 'int16_t', values: tensors.int16(name) });
  }
  const factors = transformFactors(tensors.int16('twiddle'), layer.frame);
  c.array(`${id}_twiddle`, { type: 'int32_t', values: factors });
  c.put(
    `static const oto_log_mel ${id} = {`,
    `    .samples = ${input.shape[1]}, .frame = ${layer.frame}, .hop = ${layer.hop}, .bands = ${layer.bands},`,
    `    .window = ${id}_window, .twiddle = ${id}_twiddle, .edge = ${id}_edge, .weight = ${id}_weight,`,
    `    .offset = ${layer.offset}, .multiplier = ${layer.multiplier}, .zero = ${layer.zeroPoint},`,
    '};',
  );
}

/** Row by row as samples arrive, where nothing else reads the window: no more than a frame of samples is kept. */
export function frontOf(placed: PlacedLogMel, around: Neighbours): FrontEnd | undefined {
  const { id, from, frame } = placed.layer;
  if (from !== WINDOW || around.before.length > 0 || around.readers(WINDOW) !== 1) return undefined;
  return {
    name: id,
    layers: 1,
    stateBytes: () => stateBytes(placed),
    reset: 'oto_log_mel_reset',
    emit(c, context) {
      c.put(context.heading(placed.layer));
      emitConstants(c, placed, context.tensors(placed.layer));
      c.put(
        '/* row by row, as samples arrive */',
        'OTO_STAGE void feed_front(uint8_t *arena, const int16_t *samples, uint32_t count) {',
        `    ${holds(`OTO_LOG_MEL_STATE(${frame})`, context.stateBytes, 'state')}`,
        `    oto_log_mel_feed(&${id}, ${context.state}, (int8_t *)(${context.map}), samples, count);`,
        '}',
        '',
      );
    },
  };
}
