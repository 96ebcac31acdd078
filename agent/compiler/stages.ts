import type { Model } from '../model/model.ts';
import type { PlacedLayer } from '../model/shapes.ts';
import type { Cost, FrontEnd, Some } from '../ops/operator.ts';
import { operatorOf } from '../ops/registry.ts';

/** Layers that run together: one, or those of the front end. Only the last one's map exists. */
export interface Stage {
  readonly name: string;
  readonly layers: Some<PlacedLayer>;
}

/** The layers that are computed as samples arrive. */
export interface FrontStage extends Stage {
  readonly front: FrontEnd;
}

/** How samples come in, then what runs when the window is complete, layer by layer. */
export interface StagePlan {
  /** Absent: the window itself is kept and the body reads it. */
  readonly front: FrontStage | undefined;
  readonly body: readonly PlacedLayer[];
}

/** Groups a model's layers into stages; the front end is the longest that an operator offers. */
export function planStages({ layers }: Model): StagePlan {
  const fronts = layers.flatMap((_, index) => frontAt(layers, index) ?? []);
  const front = fronts.reduce<FrontStage | undefined>(
    (best, next) => (best !== undefined && best.front.layers >= next.front.layers ? best : next),
    undefined,
  );
  return { front, body: layers.slice(front?.front.layers ?? 0) };
}

function frontAt(layers: readonly PlacedLayer[], index: number): FrontStage | undefined {
  const [placed, next] = [layers[index], layers[index + 1]];
  if (placed === undefined) return undefined;
  const readers = (id: string): number => layers.filter(({ layer }) => reads(layer, id)).length;
  const turns =
    next !== undefined &&
    operatorOf(next.layer).channelsToRows === true &&
    next.layer.from === placed.layer.id &&
    readers(placed.layer.id) === 1;
  const around = { before: layers.slice(0, index), turn: turns ? next : undefined, readers };
  const front = operatorOf(placed.layer).front?.(placed, around);
  const [first, ...others] = layers.slice(0, front?.layers ?? 0);
  if (front === undefined || first === undefined) return undefined;
  return { name: front.name, layers: [first, ...others], front };
}

/** Ids of the maps that a layer reads. */
export function readsOf(layer: PlacedLayer['layer']): readonly string[] {
  return operatorOf(layer)
    .inputs(layer)
    .map(({ id }) => id);
}

const reads = (layer: PlacedLayer['layer'], id: string): boolean => readsOf(layer).includes(id);

/** All stages in the order in which they run. */
export function stagesOf({ front, body }: StagePlan): readonly Stage[] {
  const rest = body.map((placed): Stage => ({ name: placed.layer.id, layers: [placed] }));
  return front === undefined ? rest : [front, ...rest];
}

/** The layer whose map a stage leaves behind. */
export function lastOf({ layers }: Stage): PlacedLayer {
  return layers.at(-1) ?? layers[0];
}

/** What a stage's layers cost in all. */
export function costOf({ layers }: Stage): Cost {
  const costs = layers.map((placed) => operatorOf(placed.layer).cost(placed));
  return {
    macs: costs.reduce((sum, { macs }) => sum + macs, 0),
    binaryMacs: costs.reduce((sum, { binaryMacs }) => sum + binaryMacs, 0),
  };
}
