import { expect, it } from 'vitest';
import { Random, randomSamples } from '../base/random.ts';
import { buildWasm } from '../compiler/build-wasm.ts';
import { runReference } from '../model/reference.ts';
import { melLstm } from '../nets/mel.ts';
import { randomModel } from '../nets/random-model.ts';
import { CompiledModel } from './compiled-model.ts';

const SAMPLES = 1501;
/** Frames that overlap, that touch, and that leave samples out between them. */
const HOPS = [23, 64, 150] as const;

it('a spectrogram that is made as samples arrive is the same in any portions', async () => {
  const models = HOPS.map((hop) => {
    const options = { classes: 5, units: 7, samples: SAMPLES, frame: 64, bands: 9 } as const;
    return randomModel(melLstm({ name: `hop-${hop}`, hop, ...options }), hop, 'probe');
  });
  const wasm = await buildWasm(models);
  const samples = randomSamples(new Random(2), SAMPLES);
  for (const [i, model] of models.entries()) {
    const compiled = await CompiledModel.fromWasm(model, wasm, i);
    const expected = [...runReference(model, samples).scores];
    expect(new Set(expected).size).toBeGreaterThan(1);
    for (const portion of [1, 63, 64, 65, 700, SAMPLES]) {
      compiled.reset();
      for (let at = 0; at < SAMPLES; at += portion) {
        compiled.feed(samples.subarray(at, at + portion));
      }
      const what = `${model.metadata.name}, ${portion} at a time`;
      expect([...compiled.finish().scores], what).toEqual(expected);
    }
  }
});
