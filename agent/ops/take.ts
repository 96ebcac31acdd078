import type { Parameter } from '../tape/parameter.ts';
import type { Shape } from './maps.ts';

/** What is left of a node's surroundings once channels are gone; undefined: all. */
export interface Left {
  /** Channels of its input, of those in `input`. */
  readonly inputs: readonly number[] | undefined;
  /** Its input before. */
  readonly input: Shape;
  /** Its own channels or units. */
  readonly outputs: readonly number[] | undefined;
}

/** Keeps some indices along one axis. */
export function take(
  parameter: Parameter,
  axis: number,
  indices: readonly number[] | undefined,
): Parameter {
  if (indices === undefined) return parameter;
  const { shape, data } = parameter;
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const size = shape[axis] ?? 1;
  const outer = data.length / inner / size;
  const out = new Float32Array(outer * indices.length * inner);
  let at = 0;
  for (let o = 0; o < outer; o++) {
    for (const index of indices) {
      const from = (o * size + index) * inner;
      out.set(data.subarray(from, from + inner), at);
      at += inner;
    }
  }
  return { ...parameter, shape: shape.with(axis, indices.length), data: out };
}

/** Rows that are left of arrays that hold `groups` times the input's channels, channels innermost. */
export function rowsLeft(
  groups: number,
  channels: number,
  inputs: readonly number[] | undefined,
): readonly number[] | undefined {
  return (
    inputs && Array.from({ length: groups }, (_, g) => inputs.map((c) => g * channels + c)).flat()
  );
}
