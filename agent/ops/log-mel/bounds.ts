import type { LayerTensors } from '../tensors.ts';

/** Most that the four samples of a window which meet in the first two stages of a transform may weigh, Q14. */
const MOST_OF_FOUR = 40_000;

/** Tables by which a transform could overflow (firmware/SPEC.md, "Bounds"). */
export function tablesFault(tensors: LayerTensors): string | undefined {
  return (
    windowFault(tensors.int16('window')) ??
    twiddleFault(tensors.int16('twiddle')) ??
    bandsFault(tensors.int16('edge'), tensors.int16('weight'))
  );
}

function windowFault(window: Int16Array): string | undefined {
  const weighs = Array.from(window, Math.abs);
  const quarter = window.length / 4;
  const four = (i: number): number =>
    [0, 1, 2, 3].reduce((sum, q) => sum + (weighs[i + q * quarter] ?? 0), 0);
  return weighs.some((w, i) => w > 2 ** 14 || (i < quarter && four(i) > MOST_OF_FOUR))
    ? 'has a window that can overflow its transform'
    : undefined;
}

function twiddleFault(twiddle: Int16Array): string | undefined {
  for (let j = 0; j < twiddle.length; j += 2) {
    const [re, im] = [twiddle[j] ?? 0, twiddle[j + 1] ?? 0];
    if (re < 0 || re * re + im * im > 2 ** 30 + 2 ** 16) return 'has a twiddle factor beyond 1';
  }
  return undefined;
}

function bandsFault(edge: Int16Array, weight: Int16Array): string | undefined {
  if (weight.some((w) => w < 0)) return 'has a negative share of a band';
  const inOrder = edge.every((bin, i) => bin >= (edge[i - 1] ?? 0));
  return edge[0] === 0 && inOrder && edge.at(-1) === weight.length
    ? undefined
    : 'has bands that are not in order';
}
