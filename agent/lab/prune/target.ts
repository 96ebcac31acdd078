import { UserError } from '../../errors.ts';
import { costOf } from '../../nets/cost.ts';
import { type Net, prunableOf } from '../../nets/graph.ts';

/** What pruning goes down to. */
export type Target =
  | { readonly kind: 'channels'; readonly share: number }
  | { readonly kind: 'parameters' | 'macs' | 'bytes'; readonly most: number };

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6 };

/**
 * Parses e.g. "channels=20%", "parameters=130k", "macs=14.3M" or "bytes=128.5k" (weights in 8 bits).
 * @throws UserError `target`
 */
export function parseTarget(text: string): Target {
  const match = /^(channels|parameters|macs|bytes)=([\d.]+)([%kKmM]?)$/.exec(text);
  const [, kind, number = '', unit = ''] = match ?? [];
  const value = Number(number);
  if (kind === 'channels' && unit === '%' && value > 0 && value < 100) {
    return { kind, share: value / 100 };
  }
  const scale = UNITS[unit.toLowerCase()];
  if ((kind === 'parameters' || kind === 'macs' || kind === 'bytes') && scale && value > 0) {
    return { kind, most: value * scale };
  }
  throw new UserError('target', `"${text}" is not a target`, {
    mend: 'give e.g. channels=20%, parameters=130k, macs=14.3M or bytes=128.5k',
  });
}

/** Channels of all convolutions and units of all recurrent layers together. */
export function channelsOf(net: Net): number {
  return net.nodes.reduce((sum, n) => sum + prunableOf(n), 0);
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
