import { type Layer, operatorOf } from '../ops/registry.ts';
import { LayerTensors } from '../ops/tensors.ts';
import { buildModel, type Model } from './model.ts';

/** The same network, to the integer, in smaller layers where operators know some: Micro's last kernels are a third. */
export function simplified(model: Model): Model {
  const tensors = new Map(model.tensors);
  const layers = model.layers.map((placed): Layer => {
    const { layer } = placed;
    const own = new LayerTensors(layer.id, model.tensors);
    const small = operatorOf(layer).simplify?.(placed, own);
    for (const [name, tensor] of small?.tensors ?? []) tensors.set(`${layer.id}.${name}`, tensor);
    return small?.layer ?? layer;
  });
  return buildModel({ ...model.metadata, layers }, tensors);
}
