import { expect, it } from 'vitest';
import { resized } from './padding.ts';

const counted = (shape: readonly number[]): Float32Array =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i + 1);

it('pads with zeros at the end of every axis, and cuts them off again', () => {
  const data = counted([2, 2, 3]);
  const padded = resized(data, [2, 2, 3], [2, 3, 4]);
  expect([...padded]).toEqual([
    ...[1, 2, 3, 0, 4, 5, 6, 0, 0, 0, 0, 0],
    ...[7, 8, 9, 0, 10, 11, 12, 0, 0, 0, 0, 0],
  ]);
  expect(resized(padded, [2, 3, 4], [2, 2, 3])).toEqual(data);
});

it('pads one axis and cuts another', () => {
  expect([...resized(counted([3, 2]), [3, 2], [2, 3])]).toEqual([1, 2, 0, 3, 4, 0]);
});

it('of a list gives its beginning, and gives an array of the right shape as it is', () => {
  const data = counted([5]);
  expect([...resized(data, [5], [2])]).toEqual([1, 2]);
  expect([...resized(data, [5], [6])]).toEqual([1, 2, 3, 4, 5, 0]);
  expect(resized(data, [5], [5])).toBe(data);
});
