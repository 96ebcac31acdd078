import type { Gradients } from '../../ops/gradients.ts';
import { type Node, type NodeKind, nodeOperators } from '../../ops/registry.ts';

type NodeOf<K extends NodeKind> = Extract<Node, { readonly kind: K }>;
type Loaded = { readonly [K in NodeKind]: Gradients<NodeOf<K>> };

/** Gradients of every operator in the registry, loaded with this module: nothing outside the lab imports it. */
const loaded: Loaded = await load();

async function load(): Promise<Loaded> {
  const entries = Object.entries(nodeOperators).map(
    async ([kind, operator]) => [kind, await operator.gradients()] as const,
  );
  return Object.fromEntries(await Promise.all(entries)) as unknown as Loaded;
}

/** How nodes of a kind learn. It takes that node, and others of its kind alone. */
export function gradientsOf<K extends NodeKind>(node: { readonly kind: K }): Gradients<NodeOf<K>> {
  return loaded[node.kind];
}
