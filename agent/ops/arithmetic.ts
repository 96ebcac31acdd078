/** Integer primitives of SPEC.md, exact in doubles; the C kernels compute the same in 64 bits. */

/** (a * m + 2^31) >> 32 for int32 `a` and 0 <= m < 2^31: the high word of the product, rounded. */
export function mulHigh(a: number, m: number): number {
  const low = m & 0xffff;
  const high = m >>> 16;
  const carry = Math.floor((a * low + 0x80000000) / 0x10000);
  return Math.floor((a * high + carry) / 0x10000);
}

export function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}

/** ((acc << shift) + bias) * m / 2^32, rounded: the one requantization of every layer. */
export function requantize(acc: number, shift: number, bias: number, multiplier: number): number {
  return mulHigh(acc * 2 ** shift + bias, multiplier);
}

/** An element that a plan's checks have shown to exist. */
export function at(
  data: { readonly [i: number]: number; readonly length: number },
  i: number,
): number {
  const value = data[i];
  if (value === undefined) throw new Error(`index ${i} of ${data.length}`);
  return value;
}
