import type { Random } from '../../base/random.ts';
import { CHANNELS, MOST_MACS } from '../cases.ts';
import type { Shape } from '../maps.ts';

type Pair = [number, number];

const KERNELS: readonly [Pair, ...Pair[]] = [
  [1, 1],
  [3, 3],
  [3, 3],
  [5, 5],
  [1, 5],
  [1, 3],
  [2, 2],
  [3, 1],
  [1, 9],
];

/** A random window over a map that leaves at least one output and stays within the budget. */
export function randomWindow(random: Random, [h, w, c]: Shape) {
  for (;;) {
    // What most of an ACDNet is made of, which kernels treat specially.
    const usual = random.chance(0.35);
    const kernel: Pair = usual ? [3, 3] : random.pick(KERNELS);
    const stride: Pair =
      usual || random.chance(0.6) ? [1, 1] : [random.int(1, 3), random.int(1, 3)];
    const padding = usual || random.chance(0.6) ? ('same' as const) : ('valid' as const);
    const pool: Pair = random.chance(0.5)
      ? [1, 1]
      : usual
        ? [2, 2]
        : [random.int(1, 3), random.int(1, 3)];
    const channels = random.pick(CHANNELS);
    const outputs = (axis: 0 | 1, size: number): number =>
      padding === 'same'
        ? Math.ceil(size / stride[axis])
        : Math.floor((size - kernel[axis]) / stride[axis]) + 1;
    const [oh, ow] = [outputs(0, h), outputs(1, w)];
    if (oh < pool[0] || ow < pool[1]) continue;
    if (oh * ow * kernel[0] * kernel[1] * c * channels > MOST_MACS) continue;
    return { kernel, stride, padding, pool, channels };
  }
}
