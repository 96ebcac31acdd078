import { type MapInfo, WINDOW } from '../ops/maps.ts';
import type { Fault, Input, Placed } from '../ops/operator.ts';
import { type Layer, operatorOf } from '../ops/registry.ts';
import type { Metadata } from './plan.ts';

/** A layer with what it reads and writes. */
export type PlacedLayer = Placed<Layer>;

/** A plan that does not hold together: the layer and the reason. */
export interface PlanFault {
  readonly layer: string;
  readonly why: string;
}

/**
 * Walks the plan: shapes, types and expected tensors of every layer, in order; or the first fault.
 */
export function placeLayers(
  metadata: Metadata,
):
  | { readonly ok: true; readonly layers: readonly PlacedLayer[] }
  | { readonly ok: false; readonly fault: PlanFault } {
  const maps = new Map<string, MapInfo>([[WINDOW, windowMap(metadata)]]);
  const layers: PlacedLayer[] = [];
  for (const layer of metadata.layers) {
    const placed = place(layer, maps);
    if ('fault' in placed) return { ok: false, fault: { layer: layer.id, why: placed.fault } };
    maps.set(layer.id, placed.output);
    layers.push(placed);
  }
  const why = scoresFault(layers, metadata.labels.length);
  if (why === undefined) return { ok: true, layers };
  return { ok: false, fault: { layer: layers.at(-1)?.layer.id ?? '', why } };
}

/** The map that a window of samples is. */
export function windowMap({ input }: Pick<Metadata, 'input'>): MapInfo {
  return { shape: input, type: 'int16', zeroPoint: 0 };
}

function place(layer: Layer, maps: ReadonlyMap<string, MapInfo>): PlacedLayer | Fault {
  const operator = operatorOf(layer);
  const [first, ...others] = operator.inputs(layer);
  const from = find(layer, first, maps);
  if ('fault' in from) return from;
  if (maps.has(layer.id)) return { fault: 'has an id that is already taken' };
  const inputs: [MapInfo, ...MapInfo[]] = [from];
  for (const input of others) {
    const map = find(layer, input, maps);
    if ('fault' in map) return map;
    inputs.push(map);
  }
  const output = operator.place(layer, inputs);
  if ('fault' in output) return output;
  if (output.shape.some((n) => n < 1)) return { fault: 'would give an empty map' };
  const tensors = operator
    .tensors(layer, inputs)
    .map((spec) => ({ ...spec, name: `${layer.id}.${spec.name}` }));
  return { layer, inputs, output, tensors };
}

/** A map that a layer reads, if it is there and of a type that the layer takes. */
function find(
  { kind }: Layer,
  { id, takes }: Input,
  maps: ReadonlyMap<string, MapInfo>,
): MapInfo | Fault {
  const map = maps.get(id);
  if (map === undefined) return { fault: `reads "${id}", which is not before it` };
  if (takes.includes(map.type)) return map;
  const types = takes.join(' or ');
  return { fault: `reads ${map.type} from "${id}", but ${kind} takes ${types} there` };
}

function scoresFault(layers: readonly PlacedLayer[], labels: number): string | undefined {
  const output = layers.at(-1)?.output;
  if (output?.type !== 'scores') return 'is the last layer but gives no scores';
  const classes = output.shape[2];
  return classes === labels
    ? undefined
    : `scores ${classes} classes but there are ${labels} labels`;
}
