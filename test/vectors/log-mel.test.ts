import { expect, test } from 'vitest';
import { runReference } from '../../agent/model/reference.ts';
import { melCnn } from '../../agent/nets/mel.ts';
import { randomModel } from '../../agent/nets/random-model.ts';
import { LOG_MEL_FRAMES } from '../../agent/ops/log-mel/layer.ts';
import { type Case, runInWasm, runOnHost } from './programs.ts';

const MINUTES = 60_000;

/** Full scale with the sign of one bin's turn, for all samples or for those of the complex transform's parts. */
const FULL_SCALE: readonly ((i: number, frame: number) => boolean)[] = [
  () => true,
  (i) => i % 2 === 0,
  (i) => i % 4 < 2,
  (i, frame) => Math.cos((2 * Math.PI * i) / frame) > 0,
  (i, frame) => Math.cos((2 * Math.PI * i) / 8) > Math.sin((2 * Math.PI * i) / frame),
  (i, frame) => {
    const angle = (2 * Math.PI * 3 * (i >> 1)) / (frame / 2);
    return (i % 2 === 0 ? Math.cos(angle) : Math.sin(angle)) > 0;
  },
];

function loudest(frame: number): Case {
  const samples = FULL_SCALE.length * frame;
  const net = melCnn({
    name: `loud-${frame}`,
    classes: 4,
    channels: [3],
    samples,
    frame,
    hop: frame,
  });
  const window = Int16Array.from({ length: samples }, (_, i) =>
    FULL_SCALE[Math.floor(i / frame)]?.(i % frame, frame) === true ? -32768 : 32767,
  );
  return { model: randomModel(net, 1, net.name), windows: [window] };
}

test(
  'full-scale sounds overflow no spectrogram: the sanitizers are silent and the integers those of the reference',
  async () => {
    const cases = LOG_MEL_FRAMES.map(loudest);
    const expected = cases.map((c) => c.windows.map((w) => [...runReference(c.model, w).scores]));
    expect(await runOnHost(cases)).toEqual(expected);
    expect(await runInWasm(cases)).toEqual(expected);
  },
  5 * MINUTES,
);
