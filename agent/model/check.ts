import { operatorOf } from '../ops/registry.ts';
import { LayerTensors, type Tensor } from '../ops/tensors.ts';
import type { PlacedLayer, PlanFault } from './shapes.ts';

/**
 * Checks what the integers of a model must satisfy so that no kernel can overflow (SPEC.md, "Bounds").
 * Returns the first fault, or undefined.
 */
export function checkValues(
  layers: readonly PlacedLayer[],
  tensors: ReadonlyMap<string, Tensor>,
): PlanFault | undefined {
  for (const placed of layers) {
    const { layer } = placed;
    const why = operatorOf(layer).check(placed, new LayerTensors(layer.id, tensors));
    if (why !== undefined) return { layer: layer.id, why };
  }
  return undefined;
}
