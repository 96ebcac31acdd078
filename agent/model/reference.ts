import { type ActivationMap, WINDOW } from '../ops/maps.ts';
import type { Some } from '../ops/operator.ts';
import { type Layer, operatorOf } from '../ops/registry.ts';
import { LayerTensors } from '../ops/tensors.ts';
import type { Model } from './model.ts';
import { windowMap } from './shapes.ts';

/** Everything one window gives: each layer's map by id, and the integer scores. */
export interface ReferenceRun {
  readonly maps: ReadonlyMap<string, ActivationMap>;
  readonly scores: Int32Array;
}

/**
 * Runs a model on one window of int16 samples: the executable form of firmware/SPEC.md, written to be read,
 * not to be fast. Every other implementation must give the same integers.
 */
export function runReference(model: Model, samples: Int16Array): ReferenceRun {
  const window = windowMap(model.metadata);
  const [h, w, c] = window.shape;
  if (samples.length !== h * w * c) {
    throw new Error(
      `a window of ${model.metadata.name} has ${h * w * c} samples, not ${samples.length}`,
    );
  }
  const maps = new Map<string, ActivationMap>([
    [WINDOW, { ...window, data: Int32Array.from(samples) }],
  ]);
  let scores = new Int32Array();
  for (const placed of model.layers) {
    const { layer, output } = placed;
    const tensors = new LayerTensors(layer.id, model.tensors);
    const data = operatorOf(layer).run(placed, mapsRead(layer, maps), tensors);
    maps.set(layer.id, { ...output, data });
    if (output.type === 'scores') scores = data;
  }
  return { maps, scores };
}

function mapsRead(layer: Layer, maps: ReadonlyMap<string, ActivationMap>): Some<ActivationMap> {
  const read = (id: string): ActivationMap => {
    const map = maps.get(id);
    if (map === undefined) throw new Error(`no map ${id}`);
    return map;
  };
  const [first, ...others] = operatorOf(layer).inputs(layer);
  return [read(first.id), ...others.map(({ id }) => read(id))];
}
