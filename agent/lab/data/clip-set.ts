import { type ClipSet, MOST_CLIPS } from '../../model/plan.ts';
import type { Clip } from './dataset.ts';
import { FINGERPRINT_NUMBERS, fingerprintOf, isSameClip, SPAN } from './fingerprint.ts';

const BYTES = 2 * FINGERPRINT_NUMBERS;

/** The set of some clips; none where they are too many to list. */
export function clipSetOf(clips: readonly Clip[]): ClipSet | undefined {
  return pack(clips.map(({ samples }) => fingerprintOf(samples)));
}

/** All clips of several sets; none where one of them is not known. */
export function unionOf(sets: readonly (ClipSet | undefined)[]): ClipSet | undefined {
  const all: Uint16Array[] = [];
  for (const set of sets) {
    if (set === undefined) return undefined;
    all.push(...fingerprintsOf(set));
  }
  return pack(all);
}

/** The same clips give the same text, whatever their order. */
function pack(fingerprints: readonly Uint16Array[]): ClipSet | undefined {
  const each = new Set(fingerprints.map((f) => bytesOf(f).toString('hex')));
  if (each.size > MOST_CLIPS) return undefined;
  const base64 = Buffer.from([...each].sort().join(''), 'hex').toString('base64');
  return { fingerprint: 'otolith-1', base64 };
}

function bytesOf(fingerprint: Uint16Array): Buffer {
  const bytes = Buffer.alloc(BYTES);
  fingerprint.forEach((number, i) => {
    bytes.writeUInt16LE(number, 2 * i);
  });
  return bytes;
}

function fingerprintsOf({ base64 }: ClipSet): readonly Uint16Array[] {
  const bytes = Buffer.from(base64, 'base64');
  return Array.from({ length: Math.floor(bytes.length / BYTES) }, (_, i) =>
    Uint16Array.from({ length: FINGERPRINT_NUMBERS }, (__, j) =>
      bytes.readUInt16LE(i * BYTES + 2 * j),
    ),
  );
}

/** Clips that a network has learnt from, to be asked for single ones. */
export class SeenClips {
  /** By span, of which clips rarely share one. */
  readonly #bySpan = new Map<number, Uint16Array[]>();
  readonly count: number;

  constructor(set: ClipSet) {
    const all = fingerprintsOf(set);
    this.count = all.length;
    for (const fingerprint of all) {
      const span = fingerprint[SPAN.index] ?? 0;
      const there = this.#bySpan.get(span);
      if (there === undefined) this.#bySpan.set(span, [fingerprint]);
      else there.push(fingerprint);
    }
  }

  has({ samples }: Clip): boolean {
    const asked = fingerprintOf(samples);
    const span = asked[SPAN.index] ?? 0;
    for (let near = span - SPAN.tolerance; near <= span + SPAN.tolerance; near++) {
      if (this.#bySpan.get(near)?.some((one) => isSameClip(one, asked)) === true) return true;
    }
    return false;
  }
}
