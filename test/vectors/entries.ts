import { runReference } from '../../agent/model/reference.ts';
import type { Kind } from '../../agent/ops/registry.ts';
import { operatorCase, PER_OPERATOR, randomCase, seeds, WHOLE_NETS, wholeCase } from './cases.ts';
import type { Case } from './programs.ts';

/** A network's part of networks.json, as the reference interpreter gives it now. */
const entryOf = ({ model, windows }: Case) => ({
  hash: model.hash,
  scores: windows.map((window) => [...runReference(model, window).scores]),
});

export const randomEntry = (seed: number) => ({ seed, ...entryOf(randomCase(seed)) });

/** Of the networks around a layer of an operator. */
export const operatorEntries = (kind: Kind) =>
  seeds(PER_OPERATOR).map((index) => ({ kind, index, ...entryOf(operatorCase(kind, index)) }));

export const wholeEntries = () =>
  WHOLE_NETS.map((net) => ({ name: net.name, ...entryOf(wholeCase(net)) }));
