import { asStream, holds } from '../../c/c-text.ts';
import { FREE, type Operator } from '../operator.ts';
import { tablesFault } from './bounds.ts';
import { emitConstants, frontOf, scratchBytes } from './emit.ts';
import { type LogMelLayer, schema } from './layer.ts';
import { logMelInt8 } from './spectrogram.ts';

export const logMel = {
  kind: 'logMel',
  schema,
  inputs: ({ from }) => [{ id: from, takes: ['int16'] }],

  place({ frame, hop, bands, zeroPoint }, [{ shape }]) {
    const [h, w, c] = shape;
    if (h !== 1 || c !== 1) return { fault: `takes one row of one channel, not ${h}x${w}x${c}` };
    if (w < frame) return { fault: `has frames of ${frame} samples, but reads ${w}` };
    const frames = Math.floor((w - frame) / hop) + 1;
    return { shape: [frames, bands, 1], type: 'int8', zeroPoint };
  },

  tensors: ({ frame, bands }) => [
    { name: 'window', dtype: 'I16', shape: [frame] },
    { name: 'twiddle', dtype: 'I16', shape: [frame / 4 + 1, 2] },
    { name: 'edge', dtype: 'I16', shape: [bands + 2] },
    { name: 'weight', dtype: 'I16', shape: [frame / 2 + 1] },
  ],

  check: (_placed, tensors) => tablesFault(tensors),

  run({ layer }, [input], tensors) {
    const { frame, hop, bands } = layer;
    const [window, twiddle] = [tensors.int16('window'), tensors.int16('twiddle')];
    const [edge, weight] = [tensors.int16('edge'), tensors.int16('weight')];
    const tables = { frame, hop, bands, window, twiddle, edge, weight };
    return logMelInt8(tables, layer)(input.data);
  },

  cost: () => FREE,
  transform: 'log-mel spectrogram',
  scratch: scratchBytes,
  constants: emitConstants,

  calls: ({ layer: { id, frame } }, at) => [
    holds(`OTO_LOG_MEL_SCRATCH(${frame})`, at.scratchBytes, 'scratch'),
    `oto_log_mel_run(&${id}, ${asStream(at.inputs[0])}, (int8_t *)(${at.output}), ${at.scratch});`,
  ],

  front: frontOf,
} satisfies Operator<LogMelLayer>;
