import type { Random } from '../../agent/base/random.ts';

/** What a network begins with; seeds take turns. */
const FAMILIES = ['image', 'stream', 'binaryStream', 'signs', 'residual', 'wide'] as const;
/** What seeds from FIRST_LATER on begin with: families that came after the others had their seeds. */
const LATER = ['spectrogram', 'residualWindow'] as const;
export const FIRST_LATER = 256;
/** And those from FIRST_LAST on. */
const LAST = ['recurrent', 'recurrentSpectrogram'] as const;
export const FIRST_LAST = 272;
export type Family = (typeof FAMILIES | typeof LATER | typeof LAST)[number];

export function familyOf(seed: number): Family {
  const families: readonly Family[] =
    seed < FIRST_LATER ? FAMILIES : seed < FIRST_LAST ? LATER : LAST;
  return families[seed % families.length] ?? 'image';
}

/** Shape of a family's window. */
export function inputOf(random: Random, family: Family): [number, number, number] {
  switch (family) {
    case 'stream':
    case 'binaryStream':
      return [1, random.int(60, 900), 1];
    case 'spectrogram':
    case 'recurrentSpectrogram':
      return [1, random.int(600, 2600), 1];
    case 'wide':
      return [random.pick([1, 2, 3]), random.int(1, 60), random.pick([1, 2, 3, 5, 8])];
    default:
      return [random.int(1, 11), random.int(1, 13), random.pick([1, 1, 2, 3, 4, 5, 8, 16])];
  }
}
