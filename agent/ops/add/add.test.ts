import { describe, expect, it } from 'vitest';
import type { Metadata } from '../../model/plan.ts';
import { placeLayers } from '../../model/shapes.ts';
import type { MapInfo } from '../maps.ts';
import type { Layer } from '../registry.ts';
import type { AddLayer } from './layer.ts';
import { add } from './operator.ts';

const OUTPUT = { type: 'int8', zeroPoint: -10, min: -128, max: 127, scale: 1 / 16 } as const;
const LAYER: AddLayer = {
  ...{ kind: 'add', id: 'sum', from: 'a', with: 'b' },
  ...{ factors: [256, 128], fraction: 8, output: OUTPUT },
};

const mapOf = (zeroPoint: number, width: number): MapInfo => ({
  ...{ shape: [1, width, 1], type: 'int8', zeroPoint },
});

/** Sums of maps whose zero points are 3 and -5. */
function sums(layer: AddLayer, a: readonly number[], b: readonly number[]): readonly number[] {
  const inputs = [mapOf(3, a.length), mapOf(-5, b.length)] as const;
  const output = mapOf(layer.output.zeroPoint, a.length);
  const data = [a, b].map((values) => Int32Array.from(values));
  const placed = { layer, inputs, output, tensors: [] };
  const maps = [
    { ...inputs[0], data: data[0] ?? new Int32Array() },
    { ...inputs[1], data: data[1] ?? new Int32Array() },
  ] as const;
  return [...add.run(placed, maps)];
}

describe('the sum of two int8 maps', () => {
  it('adds what values stand for: each less its zero point, times its factor', () => {
    // 7 * 1 + 4 / 2 and 0 + 0, above the zero point of the output.
    expect(sums(LAYER, [10, 3], [-1, -5])).toEqual([-1, -10]);
  });

  it('rounds both summands once, together, halves upwards', () => {
    // 1/2, then 1/2 + 1/2 of two factors of a half, then -1/2.
    expect(sums(LAYER, [3, 3], [-4, -6])).toEqual([-9, -10]);
    expect(sums({ ...LAYER, factors: [128, 128] }, [4], [-4])).toEqual([-9]);
  });

  it('saturates, at the zero point where a ReLU was folded in', () => {
    expect(sums(LAYER, [127, -128], [127, -128])).toEqual([127, -128]);
    const relu = { ...LAYER, output: { ...OUTPUT, min: -10 } };
    expect(sums(relu, [-128, 127], [-128, -5])).toEqual([-10, 114]);
  });

  it('takes factors whose sums stay within 32 bits, and no larger ones', () => {
    const placed = (factor: number) => ({
      ...{ inputs: [mapOf(3, 1), mapOf(-5, 1)] as const, output: mapOf(0, 1), tensors: [] },
      layer: { ...LAYER, factors: [factor, factor] as [number, number], fraction: 22 },
    });
    const most = Math.floor((2 ** 31 - 1 - 2 ** 21) / 512);
    expect(add.check(placed(most))).toBeUndefined();
    expect(add.check(placed(most + 1))).toBe('can overflow its sum');
  });
});

/** What is wrong with a network that reads windows of 1x8x2 and ends in a sum. */
function fault(...layers: readonly Layer[]): string | undefined {
  const metadata: Metadata = {
    ...{ format: 'otolith-model', version: 1, name: 'sums', labels: ['x'], sampleRate: 1000 },
    input: [1, 8, 2],
    layers: [...layers],
    provenance: { weights: 'random', network: 'sums' },
  };
  const placed = placeLayers(metadata);
  return placed.ok ? undefined : `${placed.fault.layer} ${placed.fault.why}`;
}

const conv = (id: string, channels: number): Layer => ({
  ...{ kind: 'conv', id, from: 'input', channels, kernel: [1, 1], stride: [1, 1], pool: [1, 1] },
  ...{ padding: 'same', output: { ...OUTPUT, shift: 0 } },
});

describe('a sum in a network', () => {
  const [a, b] = [conv('a', 3), conv('b', 3)];

  it('is no fault of two int8 maps of one shape, or of one that is added to itself', () => {
    const scores = 'is the last layer but gives no scores';
    expect(fault(a, b, LAYER)).toBe(`sum ${scores}`);
    expect(fault(a, { ...LAYER, with: 'a' })).toBe(`sum ${scores}`);
  });

  it('says which map is missing, of another type or of another shape', () => {
    expect(fault(a, LAYER)).toBe('sum reads "b", which is not before it');
    expect(fault(a, { ...LAYER, with: 'input' })).toBe(
      'sum reads int16 from "input", but add takes int8 there',
    );
    expect(fault(a, conv('b', 2), LAYER)).toBe('sum adds a map of 1x8x2 to one of 1x8x3');
  });
});
