import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random.ts';
import { buildModel, formatModel, type Model } from '../../model/model.ts';
import { runReference } from '../../model/reference.ts';
import { simplified } from '../../model/simplify.ts';
import { type AcdnetForm, acdnet } from '../../nets/acdnet.ts';
import { randomModel } from '../../nets/random-model.ts';
import type { Layer } from '../registry.ts';
import { metTaps } from './taps.ts';
import type { Sliding } from './window.ts';

const SAMPLES = 6425;

/** Small enough that the last maps are one value high, as in the networks that ship. */
function modelOf(form: AcdnetForm): Model {
  const channels = [2, 4, 4, 8, 8, 8, 16, 16, 16, 24, 24];
  return randomModel(
    acdnet({ name: 'small', channels, classes: 3, form, samples: SAMPLES }),
    1,
    'small',
  );
}

const kernelsOf = ({ layers }: Model) =>
  layers.flatMap(({ layer }) =>
    layer.kind === 'conv' || layer.kind === 'xnorConv' ? [layer.kernel.join('x')] : [],
  );

describe('kernels without the taps that only ever meet padding', () => {
  it.each(['real', 'paper', 'residual'] as const)(
    '%s: give every map to the integer, in fewer bytes',
    (form) => {
      const whole = modelOf(form);
      const small = simplified(whole);
      expect(kernelsOf(whole)).not.toContain('1x3');
      expect(kernelsOf(small)).toContain('1x3');
      expect(formatModel(small).length).toBeLessThan(formatModel(whole).length);
      const random = new Random(4);
      for (let run = 0; run < 3; run++) {
        const window = Int16Array.from({ length: SAMPLES }, () => random.int(-20000, 20000));
        const [expected, found] = [runReference(whole, window), runReference(small, window)];
        expect([...found.scores]).toEqual([...expected.scores]);
        for (const [id, map] of expected.maps)
          expect(found.maps.get(id)?.data, id).toEqual(map.data);
      }
      expect(formatModel(simplified(small))).toEqual(formatModel(small));
    },
  );

  it('stay whole where padding is a sign, which counts', () => {
    const { metadata, tensors } = modelOf('paper');
    const padded = (layer: Layer): Layer =>
      layer.kind === 'xnorConv' ? { ...layer, padValue: 1 } : layer;
    const model = buildModel({ ...metadata, layers: metadata.layers.map(padded) }, tensors);
    expect(kernelsOf(simplified(model))).toEqual(kernelsOf(model));
  });

  it('are those that an output meets: both sides of a large kernel, one side of a strided one', () => {
    const layer: Sliding = {
      channels: 1,
      kernel: [7, 3],
      stride: [1, 2],
      pool: [1, 1],
      padding: 'same',
    };
    // Two rows: each output meets itself and one neighbour. Two columns in one output of stride 2: no padding before.
    expect(metTaps([2, 2, 1], layer)).toEqual({
      rows: { from: 2, to: 5 },
      columns: { from: 0, to: 2 },
    });
  });
});
