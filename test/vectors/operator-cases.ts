import { join } from 'node:path';
import type { OperatorCases } from '../../agent/ops/cases.ts';
import { type Kind, type Layer, operators } from '../../agent/ops/registry.ts';

/** The folder of an operator: `xnorConv` lives in `xnor-conv`. */
export function folderOf(kind: string): string {
  return kind.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

export const KINDS = Object.keys(operators) as readonly Kind[];

type Room = { readonly cases: OperatorCases<Layer> };

/** What every folder of agent/ops exports from its `cases.ts`. */
const rooms: ReadonlyMap<string, OperatorCases<Layer>> = new Map(
  await Promise.all(
    KINDS.map(async (kind) => {
      const path = join(import.meta.dirname, '../../agent/ops', folderOf(kind), 'cases.ts');
      const { cases } = (await import(path)) as Room;
      return [kind, cases] as const;
    }),
  ),
);

/** How layers of an operator are made at random. */
export function casesOf({ kind }: { readonly kind: string }): OperatorCases<Layer> {
  const cases = rooms.get(kind);
  if (cases === undefined) throw new Error(`agent/ops/${folderOf(kind)}/cases.ts has no cases`);
  return cases;
}
