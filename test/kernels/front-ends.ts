import { Random, randomSamples } from '../../agent/base/random.ts';
import { WINDOW } from '../../agent/ops/maps.ts';
import { Builder } from '../vectors/builder.ts';
import type { Case } from '../vectors/programs.ts';
import { head } from '../vectors/random-network.ts';

/** Taps, stride and channels of both convolutions, and the second one's pool. */
interface Shape {
  readonly first: readonly [taps: number, stride: number, channels: number];
  readonly second: readonly [taps: number, stride: number, channels: number];
  readonly pool: number;
}

/** Where kernels with weights in registers begin and end: taps, strides, groups of four, reach of offsets, whole words. */
const REAL: readonly Shape[] = [
  { first: [9, 2, 8], second: [5, 2, 33], pool: 10 },
  { first: [9, 2, 1], second: [3, 2, 1], pool: 4 },
  { first: [9, 2, 3], second: [3, 1, 2], pool: 5 },
  { first: [9, 2, 4], second: [1, 1, 3], pool: 2 },
  { first: [9, 2, 5], second: [9, 2, 5], pool: 6 },
  { first: [9, 2, 31], second: [1, 1, 4], pool: 52 },
  { first: [9, 2, 32], second: [2, 2, 6], pool: 2 },
  { first: [9, 2, 127], second: [2, 2, 7], pool: 3 },
  { first: [9, 2, 128], second: [2, 2, 4], pool: 4 },
  { first: [9, 2, 130], second: [3, 1, 4], pool: 4 },
  { first: [8, 3, 7], second: [6, 3, 17], pool: 7 },
  { first: [1, 1, 2], second: [3, 1, 9], pool: 8 },
];
const SIGNS: readonly Shape[] = [
  { first: [9, 2, 8], second: [5, 2, 33], pool: 10 },
  { first: [9, 2, 1], second: [3, 2, 1], pool: 33 },
  { first: [9, 1, 5], second: [4, 4, 31], pool: 3 },
  { first: [9, 3, 4], second: [3, 1, 32], pool: 64 },
  { first: [8, 2, 3], second: [6, 2, 4], pool: 5 },
];

/** Networks that begin with a front end, each with a window of sound and one of extremes. */
export function frontEndCases(): readonly Case[] {
  return [
    ...REAL.map((shape, i) => caseOf(shape, `real-${i}`, 'int8')),
    ...SIGNS.map((shape, i) => caseOf(shape, `signs-${i}`, 'bits')),
  ];
}

function caseOf({ first, second, pool }: Shape, name: string, type: 'int8' | 'bits'): Case {
  const fields = 3;
  const positions = (fields * pool - 1) * second[1] + second[0];
  const count = (positions - 1) * first[1] + first[0];
  const random = new Random(count);
  const builder = new Builder(random, name, count % 256, [1, count, 1]);
  const window = (
    [taps, stride, channels]: readonly [number, number, number],
    field: number,
  ): {
    kernel: [number, number];
    stride: [number, number];
    pool: [number, number];
    padding: 'valid';
    channels: number;
  } => ({
    kernel: [1, taps],
    stride: [1, stride],
    pool: [1, field],
    padding: 'valid',
    channels,
  });
  // A ReLU over the whole range, whose limits are instructions of their own.
  const relu = { type: 'int8', zeroPoint: -128, min: -128, max: 127, shift: 2, scale: 1 } as const;
  const output = type === 'int8' ? relu : ({ type } as const);
  builder.add({ kind: 'conv', id: 'one', from: WINDOW, ...window(first, 1), output });
  const more = { id: 'two', from: 'one', ...window(second, pool) };
  if (type === 'bits') builder.add({ kind: 'xnorConv', ...more, padValue: 0, output: { type } });
  else builder.add({ kind: 'conv', ...more, output: relu });
  builder.add({ kind: 'channelsToHeight', id: 'image', from: 'two' });
  head(builder);
  const extremes = Int16Array.from({ length: count }, () => random.pick([-32768, 32767, 0]));
  return { model: builder.model(), windows: [randomSamples(random, count), extremes] };
}
