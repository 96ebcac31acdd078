import type { Shape } from '../ops/maps.ts';
import type { Node } from '../ops/registry.ts';

export { INPUT } from '../ops/node.ts';
export type { Node };

/** A network architecture: nodes in an order in which each reads only what came before it. */
export interface Net {
  readonly name: string;
  readonly classes: number;
  readonly sampleRate: number;
  /** Shape of one window: [1, samples, 1] for raw audio. */
  readonly input: Shape;
  readonly nodes: readonly Node[];
}
