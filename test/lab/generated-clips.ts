import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import wavefile from 'wavefile';
import { Random } from '../../agent/base/random.ts';

/** Classes of generated sounds that a tiny network tells apart in seconds. */
export const SOUNDS = ['tone', 'clicks', 'noise'] as const;
export type Sound = (typeof SOUNDS)[number];

const RATE = 20000;

/** For tests: writes a second of a low tone, a train of clicks or white noise as WAV. */
export async function writeSound(path: string, kind: Sound, random: Random): Promise<void> {
  const out = new Int16Array(RATE);
  const hz = random.int(400, 700);
  const loud = random.int(3000, 20000);
  const gap = random.int(1500, 2500);
  for (let i = 0; i < out.length; i++) {
    const noise = (random.int(0, 20000) - 10000) / 10000;
    const tone = Math.sin((2 * Math.PI * hz * i) / RATE);
    const clicks = i % gap < 60 ? noise : 0;
    out[i] = loud * { tone, clicks, noise }[kind] + random.int(-20, 20);
  }
  const wav = new wavefile.WaveFile();
  wav.fromScratch(1, RATE, '16', out);
  await writeFile(path, wav.toBuffer());
}

/** A data set of a folder per class, `count` sounds in each; the same seed, the same bytes. */
export async function writeSounds(dir: string, count: number, seed: number): Promise<void> {
  const random = new Random(seed);
  for (const kind of SOUNDS) {
    await mkdir(join(dir, kind), { recursive: true });
    for (let i = 0; i < count; i++) await writeSound(join(dir, kind, `${i}.wav`), kind, random);
  }
}
