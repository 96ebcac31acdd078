import { expect, it } from 'vitest';
import type { Parameters } from '../../tape/parameter.ts';
import { WeightAverage } from './average.ts';

function parametersOf(value: number): Parameters {
  const named = (name: string, trained: boolean) => {
    return [name, { name, shape: [2], data: Float32Array.of(value, 2 * value), trained }] as const;
  };
  return new Map([named('a.weight', true), named('a.mean', false)]);
}

const valuesOf = (average: WeightAverage): readonly number[] =>
  [...average.parameters.values()].flatMap(({ data }) => [...data]);

it('keeps its share of what it was at each step, statistics too, and leaves the parameters alone', () => {
  const average = new WeightAverage(0.75, parametersOf(0));
  const now = parametersOf(8);
  // Late enough that the decay is the full one.
  average.update(now, 1000);
  expect(valuesOf(average)).toEqual([2, 4, 2, 4]);
  average.update(now, 1001);
  expect(valuesOf(average)).toEqual([3.5, 7, 3.5, 7]);
  expect([...(now.get('a.weight')?.data ?? [])]).toEqual([8, 16]);
});

it('forgets the start soon: the first step counts nine tenths', () => {
  const average = new WeightAverage(0.999, parametersOf(0));
  average.update(parametersOf(10), 0);
  expect(valuesOf(average)[0]).toBeCloseTo(9, 5);
});

it('continues from its state to the same bits', () => {
  const whole = new WeightAverage(0.9, parametersOf(1));
  for (let step = 0; step < 6; step++) whole.update(parametersOf(step / 3), step);
  const first = new WeightAverage(0.9, parametersOf(1));
  for (let step = 0; step < 3; step++) first.update(parametersOf(step / 3), step);
  const stored = new Map([...first.state()].map(([name, data]) => [name, { data: data.slice() }]));
  const resumed = new WeightAverage(0.9, parametersOf(-5));
  resumed.restore(stored);
  for (let step = 3; step < 6; step++) resumed.update(parametersOf(step / 3), step);
  expect(valuesOf(resumed)).toEqual(valuesOf(whole));
});
