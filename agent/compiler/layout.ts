import { ALIGN, type Placement, placeRegions, type Region } from '../c/arena.ts';
import type { KernelSet } from '../c/kernel-sets.ts';
import type { Model } from '../model/model.ts';
import { windowMap } from '../model/shapes.ts';
import { mapBytes, WINDOW } from '../ops/maps.ts';
import { operatorOf } from '../ops/registry.ts';
import { lastOf, readsOf, type StagePlan } from './stages.ts';

/** Where everything a model needs while it runs lies in its arena. */
export interface Layout {
  readonly arena: Placement;
  /** Bytes of each layer's scratch, by its index in the body. */
  readonly scratch: readonly number[];
  /** Bytes of what a streaming front end keeps between portions of samples; 0 without one. */
  readonly stateBytes: number;
}

/** Id of the region that holds the front end's state, or the samples taken so far. */
export const INTAKE = 'intake';
export const scratchId = (index: number): string => `scratch ${index}`;

/** Plans the arena. Time is counted in stages: 0 while samples come in, then 1 for the body's first layer. */
export function layOut(model: Model, plan: StagePlan, kernels: KernelSet): Layout {
  const stateBytes = plan.front?.front.stateBytes(kernels) ?? 0;
  const scratch = plan.body.map((placed) => operatorOf(placed.layer).scratch(placed, kernels));
  const scratchRegions = scratch.flatMap((bytes, index): readonly Region[] =>
    bytes > 0 ? [{ id: scratchId(index), bytes, from: index + 1, to: index + 1 }] : [],
  );
  const state: readonly Region[] =
    plan.front === undefined ? [] : [{ id: INTAKE, bytes: stateBytes, from: 0, to: 0 }];
  const regions = [intakeMap(model, plan), ...bodyMaps(plan, kernels), ...scratchRegions, ...state];
  return { arena: placeRegions(regions), scratch, stateBytes };
}

/** What the body's first layers read: the window, after a count of its samples so far, or the front end's map. */
function intakeMap(model: Model, plan: StagePlan): Region {
  const to = (id: string): number => lastReads(plan).get(id) ?? 0;
  if (plan.front === undefined) {
    const bytes = ALIGN + mapBytes(windowMap(model.metadata));
    return { id: INTAKE, bytes, from: 0, to: to(WINDOW) };
  }
  const { layer, output } = lastOf(plan.front);
  return { id: layer.id, bytes: mapBytes(output), from: 0, to: to(layer.id) };
}

/** The maps of the body's layers; scores are the caller's. */
function bodyMaps(plan: StagePlan, kernels: KernelSet): readonly Region[] {
  const last = lastReads(plan);
  return plan.body.flatMap((placed, index): readonly Region[] => {
    const { layer, output } = placed;
    if (output.type === 'scores') return [];
    const from = index + 1;
    const over = operatorOf(layer).over?.(placed, kernels);
    return [{ id: layer.id, bytes: mapBytes(output), from, to: last.get(layer.id) ?? from, over }];
  });
}

/** When each map is read for the last time. */
function lastReads({ body }: StagePlan): ReadonlyMap<string, number> {
  return new Map(body.flatMap(({ layer }, i) => readsOf(layer).map((id) => [id, i + 1] as const)));
}
