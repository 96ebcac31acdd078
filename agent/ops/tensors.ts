/** Element types of stored tensors (safetensors names). */
export const DTYPES = {
  I8: { bytes: 1, array: Int8Array },
  U8: { bytes: 1, array: Uint8Array },
  I16: { bytes: 2, array: Int16Array },
  I32: { bytes: 4, array: Int32Array },
  F32: { bytes: 4, array: Float32Array },
} as const;

export type DType = keyof typeof DTYPES;
export type TensorData = Int8Array | Uint8Array | Int16Array | Int32Array | Float32Array;

export interface Tensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** What a tensor must be for a layer to run. */
export interface TensorSpec {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

export function tensor(data: TensorData, shape: readonly number[]): Tensor {
  return { dtype: dtypeOf(data), shape, data };
}

function dtypeOf(data: TensorData): DType {
  if (data instanceof Int8Array) return 'I8';
  if (data instanceof Uint8Array) return 'U8';
  if (data instanceof Int16Array) return 'I16';
  if (data instanceof Int32Array) return 'I32';
  return 'F32';
}

/** Tensors of one layer by the names that its operator gives them ("weight"), of the types that it lists. */
export class LayerTensors {
  readonly #layer: string;
  readonly #tensors: ReadonlyMap<string, Tensor>;

  constructor(layer: string, tensors: ReadonlyMap<string, Tensor>) {
    this.#layer = layer;
    this.#tensors = tensors;
  }

  int8(name: string): Int8Array {
    return this.#get(name, Int8Array);
  }

  uint8(name: string): Uint8Array {
    return this.#get(name, Uint8Array);
  }

  int16(name: string): Int16Array {
    return this.#get(name, Int16Array);
  }

  int32(name: string): Int32Array {
    return this.#get(name, Int32Array);
  }

  /** A model's tensors are checked against those lists when it is read: one that is missing is a bug. */
  #get<T extends TensorData>(name: string, type: abstract new (...args: never[]) => T): T {
    const data = this.#tensors.get(`${this.#layer}.${name}`)?.data;
    if (data instanceof type) return data;
    throw new Error(`tensor ${this.#layer}.${name} is missing or of another type`);
  }
}
