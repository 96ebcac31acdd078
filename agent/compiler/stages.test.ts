import { describe, expect, it } from 'vitest';
import { buildModel, type Model } from '../model/model.ts';
import { acdnet } from '../nets/acdnet.ts';
import { ACDNET_PRESETS } from '../nets/presets.ts';
import { randomModel } from '../nets/random-model.ts';
import { tensor } from '../ops/tensors.ts';
import { planStages, stagesOf } from './stages.ts';

const SMALL = { channels: [2, 4, 4, 8, 8, 8, 16, 16, 16, 24, 24], samples: 6425, classes: 3 };
const MEL = { ...ACDNET_PRESETS['mel-acdnet'], channels: [3, 4, 5, 6, 7, 8, 9, 10, 11] };
const NETS = {
  real: acdnet({ name: 'real', ...SMALL, form: 'real' }),
  binary: acdnet({ name: 'binary', ...SMALL, form: 'paper' }),
  spectrogram: acdnet({ name: 'spectrogram', ...MEL, classes: 3, form: 'residual' }),
};
const EXPECTED = { real: 'conv1+conv2', binary: 'conv1+conv2', spectrogram: 'mel' } as const;

/** The network with one more layer that reads the window, before its last. */
function readingTheWindow({ metadata, tensors }: Model): Model {
  const layers = metadata.layers.toSpliced(-1, 0, { kind: 'sign', id: 'late', from: 'input' });
  const threshold = tensor(new Int32Array(metadata.input[2]), [metadata.input[2]]);
  return buildModel({ ...metadata, layers }, new Map([...tensors, ['late.threshold', threshold]]));
}

describe.each(['real', 'binary', 'spectrogram'] as const)(
  'the front end of a %s network',
  (name) => {
    const model = randomModel(NETS[name], 1, name);

    it('is computed as samples arrive, and every layer is in one stage', () => {
      const plan = planStages(model);
      expect(plan.front?.name).toBe(EXPECTED[name]);
      const ids = stagesOf(plan).flatMap(({ layers }) => layers.map(({ layer }) => layer.id));
      expect(ids).toEqual(model.layers.map(({ layer }) => layer.id));
    });

    it('waits for the whole window where a later layer reads it too', () => {
      const plan = planStages(readingTheWindow(model));
      expect(plan.front).toBeUndefined();
      expect(plan.body).toHaveLength(model.layers.length + 1);
    });
  },
);
