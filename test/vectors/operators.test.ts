import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Model } from '../../agent/model/model.ts';
import { runReference } from '../../agent/model/reference.ts';
import { windowMap } from '../../agent/model/shapes.ts';
import type { ActivationMap } from '../../agent/ops/maps.ts';
import { WINDOW } from '../../agent/ops/maps.ts';
import type { Some } from '../../agent/ops/operator.ts';
import { operatorOf, operators } from '../../agent/ops/registry.ts';
import { elementsOf, LayerTensors } from '../../agent/ops/tensors.ts';
import { operatorCase, PER_OPERATOR } from './cases.ts';
import { folderOf, KINDS } from './operator-cases.ts';

/** Notes which tensors are asked for. */
class NotedTensors extends LayerTensors {
  readonly asked = new Set<string>();

  override int8(name: string): Int8Array {
    this.asked.add(name);
    return super.int8(name);
  }
  override uint8(name: string): Uint8Array {
    this.asked.add(name);
    return super.uint8(name);
  }
  override int16(name: string): Int16Array {
    this.asked.add(name);
    return super.int16(name);
  }
  override int32(name: string): Int32Array {
    this.asked.add(name);
    return super.int32(name);
  }
}

const RANGES = {
  int8: [-128, 127],
  int16: [-32768, 32767],
  bits: [0, 1],
  scores: [-(2 ** 31), 2 ** 31 - 1],
} as const;

/** The maps of a network on a window, the window's own with them. */
function mapsOf(model: Model, window: Int16Array): ReadonlyMap<string, ActivationMap> {
  const data = Int32Array.from(window);
  return new Map([
    ...runReference(model, window).maps,
    [WINDOW, { ...windowMap(model.metadata), data }],
  ]);
}

describe.each(KINDS)('the operator %s', (kind) => {
  const networks = Array.from({ length: PER_OPERATOR }, (_, index) => operatorCase(kind, index));
  const layers = networks.flatMap(({ model, windows }) =>
    model.layers
      .filter(({ layer }) => layer.kind === kind)
      .map((placed) => ({ placed, model, windows })),
  );

  test('has a folder of its own, and its layers say its name', () => {
    expect(existsSync(join(import.meta.dirname, '../../agent/ops', folderOf(kind)))).toBe(true);
    expect(operators[kind].kind).toBe(kind);
    expect(layers.length).toBeGreaterThanOrEqual(PER_OPERATOR);
  });

  test('gives maps of the shape and within the range that it says', () => {
    for (const { placed, model, windows } of layers) {
      const [low, high] = RANGES[placed.output.type];
      for (const window of windows) {
        const data = mapsOf(model, window).get(placed.layer.id)?.data ?? new Int32Array();
        expect(data.length).toBe(elementsOf(placed.output.shape));
        expect(data.every((v) => v >= low && v <= high)).toBe(true);
      }
    }
  });

  test('needs the tensors that it lists, and no others', () => {
    for (const { placed, model, windows } of layers) {
      const { layer } = placed;
      const operator = operatorOf(layer);
      const maps = mapsOf(model, windows[0] ?? new Int16Array());
      const [first, ...others] = operator.inputs(layer).flatMap(({ id }) => maps.get(id) ?? []);
      if (first === undefined) throw new Error(`${layer.id} reads nothing`);
      const inputs: Some<ActivationMap> = [first, ...others];
      const tensors = new NotedTensors(layer.id, model.tensors);
      operator.run(placed, inputs, tensors);
      const listed = placed.tensors.map(({ name }) => name.slice(layer.id.length + 1));
      expect([...tensors.asked].sort()).toEqual([...listed].sort());
    }
  });

  test('refuses no layer that its cases make', () => {
    for (const { placed, model } of layers) {
      const { layer, inputs } = placed;
      const operator = operatorOf(layer);
      expect(operator.schema.parse(layer)).toEqual(layer);
      expect(operator.check(placed, new LayerTensors(layer.id, model.tensors))).toBeUndefined();
      expect(operator.place(layer, inputs)).toEqual(placed.output);
      expect(operator.inputs(layer)[0].id).toBe(layer.from);
    }
  });
});
