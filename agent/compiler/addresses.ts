import type { PlacedLayer } from '../model/shapes.ts';
import type { Addresses } from '../ops/operator.ts';
import { operatorOf } from '../ops/registry.ts';
import { INTAKE, type Layout, scratchId } from './layout.ts';

/** C expressions of where things lie in the arena. */
export class ArenaAddresses {
  readonly #layout: Layout;

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  /** Address of a region. */
  at(id: string): string {
    const offset = this.#layout.arena.offsets.get(id);
    if (offset === undefined) throw new Error(`no region ${id}`);
    return `arena + ${offset}`;
  }

  /** What the layer at `index` of the body reads and writes. */
  of({ layer, output }: PlacedLayer, index: number): Addresses {
    const [first, ...others] = operatorOf(layer).inputs(layer);
    const scratchBytes = this.#layout.scratch[index] ?? 0;
    return {
      inputs: [this.#map(first.id), ...others.map(({ id }) => this.#map(id))],
      output: output.type === 'scores' ? 'scores' : this.at(layer.id),
      scratch: scratchBytes > 0 ? this.at(scratchId(index)) : 'NULL',
      scratchBytes,
    };
  }

  /** A map is a region of its own, or the samples of the window. */
  #map(id: string): string {
    return this.#layout.arena.offsets.has(id) ? this.at(id) : `${this.at(INTAKE)} + 16`;
  }
}
