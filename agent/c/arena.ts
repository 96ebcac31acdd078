/** One region of the arena, alive from stage `from` to stage `to` (inclusive). */
export interface Region {
  readonly id: string;
  readonly bytes: number;
  readonly from: number;
  readonly to: number;
  /**
   * May lie over a region that dies in the stage that makes this one, if it begins at least `gap` bytes below it:
   * the stage then never writes what it has still to read.
   */
  readonly over?: { readonly id: string; readonly gap: number } | undefined;
}

export interface Placement {
  /** Offset of each region, by id; multiples of ALIGN. */
  readonly offsets: ReadonlyMap<string, number>;
  readonly bytes: number;
}

export const ALIGN = 16;

const alignDown = (n: number): number => Math.floor(n / ALIGN) * ALIGN;
export const alignUp = (n: number): number => Math.ceil(n / ALIGN) * ALIGN;

interface Placed {
  readonly region: Region;
  readonly at: number;
}

/**
 * Places regions one after the other at the lowest free offset, or over the region they consume where that is
 * allowed. Offsets may go below the first region's; the arena begins at the lowest.
 */
export function placeRegions(regions: readonly Region[]): Placement {
  let placed: readonly Placed[] = [];
  for (const region of regions) placed = [...placed, { region, at: bestOffset(region, placed) }];
  const lowest = Math.min(0, ...placed.map((p) => p.at));
  const offsets = new Map(placed.map((p) => [p.region.id, p.at - lowest]));
  const bytes = Math.max(0, ...placed.map((p) => p.at - lowest + p.region.bytes));
  return { offsets, bytes: alignUp(bytes) };
}

/** The candidate that makes the arena smallest, the lower one of equals. */
function bestOffset(region: Region, placed: readonly Placed[]): number {
  const lowest = Math.min(0, ...placed.map((p) => p.at));
  const highest = Math.max(0, ...placed.map((p) => p.at + p.region.bytes));
  const consumed = placed.find((p) => p.region.id === region.over?.id);
  const candidates = [lowest, ...placed.map((p) => alignUp(p.at + p.region.bytes))];
  if (consumed !== undefined) candidates.push(alignDown(consumed.at - (region.over?.gap ?? 0)));
  const span = (at: number): number => Math.max(highest, at + region.bytes) - Math.min(lowest, at);
  let best: number | undefined;
  for (const at of candidates.sort((a, b) => a - b)) {
    if (!placed.every((p) => compatible(region, at, p))) continue;
    if (best === undefined || span(at) < span(best)) best = at;
  }
  return best ?? alignUp(highest);
}

function compatible(region: Region, at: number, other: Placed): boolean {
  const alive = region.from <= other.region.to && other.region.from <= region.to;
  if (!alive) return true;
  const apart = at + region.bytes <= other.at || other.at + other.region.bytes <= at;
  if (apart) return true;
  const consumes = region.over?.id === other.region.id && other.region.to === region.from;
  return consumes && other.at - at >= (region.over?.gap ?? 0);
}

/** Rows in memory: bytes of a row, and the first row still to be read before output row `r` is written. */
export interface RowFlow {
  readonly outRows: number;
  readonly outRowBytes: number;
  readonly inRowBytes: number;
  /** First input row that is read after output row `r` has been written. */
  readonly nextRead: (r: number) => number;
}

/** How far below its input an output must begin so that no row is overwritten before it has been read. */
export function overlapGap(flow: RowFlow): number {
  let gap = 0;
  for (let r = 0; r + 1 < flow.outRows; r++) {
    gap = Math.max(gap, (r + 1) * flow.outRowBytes - flow.nextRead(r) * flow.inRowBytes);
  }
  return gap;
}
