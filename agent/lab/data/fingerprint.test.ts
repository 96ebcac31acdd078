import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { decodeAudio } from '../../audio/decode/decode.ts';
import { resample, toInt16 } from '../../audio/resample.ts';
import { Random } from '../../base/random.ts';
import { packageRoot } from '../../base/root.ts';
import { readModel } from '../../model/model.ts';
import { clipSetOf, SeenClips, unionOf } from './clip-set.ts';
import { type Clip, trimZeros } from './dataset.ts';
import { fingerprintOf, isSameClip } from './fingerprint.ts';

const RATE = 20000;
const folder = join(packageRoot, 'agent', 'audio', 'clips');

const clip = (samples: Int16Array, name = 'clip'): Clip => ({ name, fold: 1, label: 0, samples });

function loaded(samples: Float32Array, rate: number): Int16Array {
  return trimZeros(toInt16(resample(samples, rate, RATE)));
}

/** As a program that writes 16-bit files leaves it. */
function in16Bits(samples: Float32Array): Float32Array {
  return samples.map((x) => Math.round(Math.max(-1, Math.min(0.99997, x)) * 32767) / 32768);
}

it('a recording is the same in another container, at another rate, and with silence around it', async () => {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.ogg'));
  expect(names.length).toBe(20);
  const models = ['qmicro-acdnet-esc10', 'xnor-esc10', 'mel-acdnet-esc10', 'xmicro-acdnet-esc10'];
  const sets: SeenClips[] = [];
  for (const model of models) {
    const path = join(packageRoot, 'agent', 'zoo', `${model}.safetensors`);
    const { clips } = (await readModel(path)).metadata.provenance;
    if (clips === undefined) throw new Error(`${model} does not say its clips`);
    sets.push(new SeenClips(clips));
  }
  expect(sets.map((set) => set.count)).toEqual([320, 320, 320, 320]);
  for (const [i, name] of names.entries()) {
    const { samples, sampleRate } = await decodeAudio(await readFile(join(folder, name)), name);
    // The twenty clips that ship were among the 320: as they ship and in any way.
    const met = (way: Int16Array): boolean => sets.every((set) => set.has(clip(way)));
    expect(met(loaded(samples, sampleRate)), name).toBe(true);
    if (i % 4 > 0) continue;
    expect(met(loaded(in16Bits(samples), sampleRate)), name).toBe(true);
    const padded = new Float32Array(samples.length + 8820);
    padded.set(in16Bits(samples), 4410);
    expect(met(loaded(padded, sampleRate)), name).toBe(true);
    const faster = resample(samples, sampleRate, 48000);
    expect(met(loaded(in16Bits(faster), 48000)), name).toBe(true);
  }
});

it('two recordings of one kind of sound are not the same', () => {
  const random = new Random(4);
  const noise = (loud: number): number => (loud * random.int(-1000, 1000)) / 1000;
  const kinds: readonly ((i: number, t: number) => number)[] = [
    () => noise(8000),
    (_, t) => 9000 * Math.sin((2 * Math.PI * 440 * t) / RATE) + noise(20),
    (i, t) => 9000 * Math.sin((2 * Math.PI * (300 + 2 * i) * t) / RATE),
    (i, t) => (t % (1900 + i) < 60 ? noise(9000) : 0),
  ];
  for (const kind of kinds) {
    const all = Array.from({ length: 20 }, (_, i) =>
      fingerprintOf(Int16Array.from({ length: RATE }, (__, t) => Math.round(kind(i, t)))),
    );
    const pairs = all.flatMap((a, i) => all.slice(0, i).filter((b) => isSameClip(a, b)));
    expect(pairs.length, kind.toString()).toBe(0);
    expect(all.every((f) => isSameClip(f, f))).toBe(true);
  }
});

it('sets of clips are the same in any order, and a union with an unknown one is unknown', () => {
  const random = new Random(9);
  const clips = Array.from({ length: 5 }, (_, i) =>
    clip(
      Int16Array.from({ length: 4000 }, () => random.int(-9000, 9000)),
      `${i}`,
    ),
  );
  const all = clipSetOf(clips);
  expect(clipSetOf([...clips].reverse())).toEqual(all);
  const halves = [clipSetOf(clips.slice(0, 3)), clipSetOf(clips.slice(2))];
  expect(unionOf(halves)).toEqual(all);
  expect(unionOf([...halves, undefined])).toBeUndefined();
  expect(all?.base64.length).toBe(Math.ceil((5 * 16) / 3) * 4);
});

it('of clips that are hardly there is one like any other', () => {
  for (const samples of [[1], [0, 0], [5, -5], [32767], new Array<number>(50).fill(-32768)]) {
    const f = fingerprintOf(Int16Array.from(samples));
    expect(isSameClip(f, f)).toBe(true);
  }
});
