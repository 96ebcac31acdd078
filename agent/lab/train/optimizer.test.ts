import { expect, it } from 'vitest';
import { scaledSignWeights, signWeights } from '../../ops/xnor-conv/weight-forms.ts';
import type { Parameter } from '../../tape/parameter.ts';
import { realWeights, type WeightForm } from '../../tape/weight-form.ts';
import { Optimizer } from './optimizer.ts';

/** One weight after a hundred steps without a gradient, under a penalty. */
function penalised(kind: 'sgd' | 'adam', form: WeightForm | undefined): number {
  const parameter: Parameter = {
    name: 'w',
    shape: [1, 1, 1, 1],
    data: Float32Array.of(0.5),
    trained: true,
    form,
  };
  const parameters = new Map([['w', parameter]]);
  const optimizer = new Optimizer({ kind, weightDecay: 0.01 }, parameters);
  const gradients = new Map([['w', Float32Array.of(0)]]);
  for (let step = 0; step < 100; step++) optimizer.step(parameters, gradients, 0.01);
  return parameter.data[0] ?? 0;
}

it.each(['sgd', 'adam'] as const)('%s: a penalty shrinks what multiplies by its value', (kind) => {
  expect(penalised(kind, realWeights)).toBeLessThan(0.49);
  expect(penalised(kind, undefined)).toBeLessThan(0.49);
});

it.each(['sgd', 'adam'] as const)(
  '%s: a penalty leaves latent binary weights, whose size says nothing',
  (kind) => {
    expect(penalised(kind, signWeights)).toBe(0.5);
    expect(penalised(kind, scaledSignWeights)).toBe(0.5);
  },
);
