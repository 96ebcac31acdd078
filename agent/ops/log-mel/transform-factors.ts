/**
 * Factors of a log-mel layer's transform in the order in which firmware/nn/log-mel/real_transform.h uses them, for products of
 * which the upper 32 bits are kept: two stages at a time from the third on, the last alone where their number is odd,
 * then those of the split. `twiddle`: Q15 [frame / 4 + 1][2].
 */
export function transformFactors(twiddle: Int16Array, frame: number): Int32Array {
  const size = frame / 2;
  const out: number[] = [];
  const put = (j: number, turned: boolean, shift: number): void => {
    const [re, im] = [twiddle[2 * j] ?? 0, twiddle[2 * j + 1] ?? 0];
    out.push((turned ? im : re) * 2 ** shift, (turned ? -re : im) * 2 ** shift);
  };
  /** Factor `k` of the stage of `half`: those of its upper half are -i times those of its lower. */
  const stage = (half: number, k: number): void => {
    const turned = 2 * k >= half;
    put((turned ? k - half / 2 : k) * (size / half), turned, 2 * half === size ? 15 : 16);
  };
  let half = 4;
  for (; 4 * half <= size; half *= 4) {
    for (let k = 0; k < half; k++) {
      stage(half, k);
      stage(2 * half, k);
    }
  }
  if (half < size) for (let k = 0; 2 * k < half; k++) stage(half, k);
  for (let j = 0; j <= frame / 4; j++) put(j, false, 10);
  return Int32Array.from(out);
}
