import { UserError } from '../../base/errors.ts';
import { costOf } from '../../nets/cost.ts';
import type { Net } from '../../nets/graph.ts';
import { prunableOf } from '../../nets/traits.ts';

/** What pruning goes down to. */
export type Target =
  | { readonly kind: 'channels'; readonly share: number }
  | { readonly kind: 'parameters' | 'macs' | 'bytes'; readonly most: number }
  /** Channels (units) of each layer in turn: the same architecture whatever the fold. */
  | { readonly kind: 'layers'; readonly widths: readonly number[] };

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6 };

/** Every layer keeps at least this many channels or units. */
const LEAST = 2;

/**
 * Parses e.g. "channels=20%", "parameters=130k", "macs=14.3M", "bytes=128.5k" (weights in 8 bits) or
 * "layers=7,20,10,14".
 * @throws UserError `target`
 */
export function parseTarget(text: string): Target {
  const match = /^(channels|parameters|macs|bytes)=([\d.]+)([%kKmM]?)$/.exec(text);
  const [, kind, number = '', unit = ''] = match ?? [];
  const value = Number(number);
  if (kind === 'channels' && unit === '%' && value > 0 && value < 100) {
    return { kind, share: value / 100 };
  }
  const widths = /^layers=(\d+(,\d+)*)$/.exec(text)?.[1]?.split(',').map(Number);
  if (widths?.every((n) => n >= LEAST)) return { kind: 'layers', widths };
  const scale = UNITS[unit.toLowerCase()];
  if ((kind === 'parameters' || kind === 'macs' || kind === 'bytes') && scale && value > 0) {
    return { kind, most: value * scale };
  }
  throw new UserError('target', `"${text}" is not a target`, {
    hint: 'give e.g. channels=20%, parameters=130k, macs=14.3M, bytes=128.5k or layers=7,20,10 (at least 2 each)',
  });
}

/** Channels of all convolutions and units of all recurrent layers together. */
export function channelsOf(net: Net): number {
  return net.nodes.reduce((sum, n) => sum + prunableOf(n), 0);
}

/**
 * Fewest channels or units that each prunable layer may be left with, by id.
 * @throws UserError `target` if a target by layers is not of this network
 */
export function leastOf(net: Net, target: Target): ReadonlyMap<string, number> {
  const layers = net.nodes.filter((n) => prunableOf(n) > 0);
  if (target.kind !== 'layers') return new Map(layers.map(({ id }) => [id, LEAST]));
  const wide = layers.map(prunableOf);
  const { widths } = target;
  if (widths.length !== wide.length || widths.some((n, i) => n > (wide[i] ?? 0))) {
    throw new UserError('target', `layers=${widths.join()} is not within ${wide.join()}`, {
      hint: `${net.name} has those channels; give as many numbers, none larger`,
    });
  }
  return new Map(layers.map(({ id }, i) => [id, widths[i] ?? LEAST]));
}

/** What a target counts, and what it comes down to. */
function measured(net: Net, full: Net, target: Target): { size: number; most: number } {
  switch (target.kind) {
    case 'channels':
      return { size: channelsOf(net), most: target.share * channelsOf(full) };
    case 'parameters':
      return { size: costOf(net).parameters, most: target.most };
    case 'macs':
      return { size: costOf(net).macs, most: target.most };
    case 'bytes':
      return { size: costOf(net).int8Bytes, most: target.most };
    case 'layers':
      return { size: channelsOf(net), most: target.widths.reduce((sum, n) => sum + n, 0) };
  }
}

/** Whether a network is down to the target; `full` is the one pruning began with. */
export function reached(net: Net, full: Net, target: Target): boolean {
  const { size, most } = measured(net, full, target);
  return size <= most;
}

/** Share of the way from `full` down to the target, 0 to 1. */
export function shareOfWay(net: Net, full: Net, target: Target): number {
  const { size, most } = measured(net, full, target);
  const start = measured(full, full, target).size;
  return size <= most ? 1 : (start - size) / (start - most);
}
