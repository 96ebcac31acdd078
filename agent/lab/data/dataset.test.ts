import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import wavefile from 'wavefile';
import { loadDataset, trimZeros } from './dataset.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'otolith-data-'));
});
afterAll(() => rm(dir, { recursive: true }));

/** A WAV file of a 500 Hz tone with silence around it, or of silence alone. */
function wav(rate: number, channels: number, loud = true): Uint8Array {
  const one = Array.from({ length: rate / 2 }, (_, t) => {
    const inside = loud && t > rate / 8 && t < rate / 4;
    return inside ? Math.round(9000 * Math.sin((2 * Math.PI * 500 * t) / rate)) : 0;
  });
  const file = new wavefile.WaveFile();
  const samples = Array.from({ length: channels }, () => one);
  file.fromScratch(channels, rate, '16', channels === 1 ? one : samples);
  return file.toBuffer();
}

async function write(path: string, bytes: Uint8Array | string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, bytes);
}

describe('a folder per class', () => {
  it('is decoded from any rate and channel count, trimmed, and dealt into folds', async () => {
    const data = join(dir, 'folders');
    for (let i = 0; i < 5; i++) await write(join(data, 'dog', `${i}.wav`), wav(44100, 2));
    for (let i = 0; i < 5; i++) await write(join(data, 'cat', `${i}.wav`), wav(16000, 1));
    const dataset = await loadDataset({ dir: data });
    expect(dataset.labels).toEqual(['cat', 'dog']);
    expect(dataset.folds).toEqual([1, 2, 3, 4, 5]);
    for (const clip of dataset.clips) {
      // An eighth of a second at 20 kHz, and the resampler's ringing around it.
      expect(clip.samples.length).toBeGreaterThan(2400);
      expect(clip.samples.length).toBeLessThan(2700);
    }
  });

  it('leaves out broken and silent clips by name, or refuses them', async () => {
    const data = join(dir, 'broken');
    await write(join(data, 'a', 'good.wav'), wav(20000, 1));
    await write(join(data, 'a', 'silent.wav'), wav(20000, 1, false));
    await write(join(data, 'b', 'noise.ogg'), 'not audio at all');
    await write(join(data, 'b', 'good.wav'), wav(20000, 1));
    const { clips, skipped } = await loadDataset({ dir: data });
    expect(clips.map((c) => c.name)).toEqual(['a/good.wav', 'b/good.wav']);
    expect(skipped.join('\n')).toMatch(/silent\.wav.*\n.*noise\.ogg/);
    await expect(loadDataset({ dir: data, strict: true })).rejects.toThrow(/silent\.wav/);
  });

  it('comes from the cache the second time, and is decoded again when that is damaged', async () => {
    const data = join(dir, 'cached');
    const cache = join(dir, 'cache');
    for (const name of ['x', 'y']) await write(join(data, name, '1.wav'), wav(20000, 1));
    const first = await loadDataset({ dir: data, cache });
    const [file = ''] = await readdir(cache);
    expect(await loadDataset({ dir: data, cache })).toEqual(first);
    await writeFile(join(cache, file), 'torn');
    expect(await loadDataset({ dir: data, cache })).toEqual(first);
  });
});

describe('a recording that needs ffmpeg', () => {
  const path = process.env.PATH;
  afterEach(() => {
    process.env.PATH = path;
  });

  it('is left out by name until that is installed, whatever the cache has', async () => {
    const data = join(dir, 'foreign');
    const tools = join(dir, 'tools');
    const m4a = new URL('../../audio/decode/fixtures/aac.m4a', import.meta.url);
    await write(join(data, 'a', 'phone.m4a'), await readFile(m4a));
    for (const name of ['a', 'b']) await write(join(data, name, '1.wav'), wav(20000, 1));
    const options = { dir: data, cache: join(dir, 'foreign-cache') };
    process.env.PATH = tools;
    const without = await loadDataset(options);
    expect(without.clips).toHaveLength(2);
    expect(without.skipped.join()).toMatch(/a\/phone\.m4a .*sudo apt-get install ffmpeg/);
    await write(
      join(tools, 'ffmpeg'),
      `#!/bin/sh\n/bin/cat >/dev/null\n/bin/cat ${data}/a/1.wav\n`,
    );
    await chmod(join(tools, 'ffmpeg'), 0o755);
    const withIt = await loadDataset(options);
    expect(withIt.clips).toHaveLength(3);
    expect(withIt.skipped).toEqual([]);
  });
});

describe('published layouts', () => {
  it("reads ESC-50's table with its folds, and class subsets", async () => {
    const data = join(dir, 'esc');
    const rows = ['filename,fold,target,category,esc10,src_file,take'];
    for (const [target, category] of [
      [0, 'dog'],
      [2, 'pig'],
      [10, 'rain'],
    ] as const) {
      for (const fold of [1, 2]) {
        const name = `${fold}-1-A-${target}.wav`;
        rows.push(`${name},${fold},${target},${category},False,1,A`);
        await write(join(data, 'audio', name), wav(20000, 1));
      }
    }
    await write(join(data, 'meta', 'esc50.csv'), rows.join('\n'));
    expect((await loadDataset({ dir: data })).labels).toEqual(['dog', 'pig', 'rain']);
    const two = await loadDataset({ dir: data, classes: 'rain,0' });
    expect(two.labels).toEqual(['dog', 'rain']);
    expect(two.clips.map((c) => [c.fold, c.label])).toEqual([
      [1, 0],
      [2, 0],
      [1, 1],
      [2, 1],
    ]);
    await expect(loadDataset({ dir: data, classes: 'S10' })).rejects.toThrow(/no class/);
  });

  it("reads UrbanSound8K's table", async () => {
    const data = join(dir, 'urban');
    const rows = [
      'slice_file_name,fsID,start,end,salience,fold,classID,class',
      '1.wav,1,0,1,1,3,1,car_horn',
      '2.wav,2,0,1,1,10,0,air_conditioner',
    ];
    await write(join(data, 'metadata', 'UrbanSound8K.csv'), rows.join('\r\n'));
    await write(join(data, 'audio', 'fold3', '1.wav'), wav(44100, 1));
    await write(join(data, 'audio', 'fold10', '2.wav'), wav(8000, 1));
    const dataset = await loadDataset({ dir: data });
    expect(dataset.labels).toEqual(['air_conditioner', 'car_horn']);
    expect(dataset.folds).toEqual([3, 10]);
  });

  it('says what a data set looks like when there is none', async () => {
    await expect(loadDataset({ dir: join(dir, 'nothing') })).rejects.toThrow(/is not a data set/);
  });
});

describe('trimming', () => {
  it('cuts exact zeros at both ends only', () => {
    expect([...trimZeros(Int16Array.of(0, 0, 3, 0, 4, 0))]).toEqual([3, 0, 4]);
    expect(trimZeros(new Int16Array(9)).length).toBe(0);
  });
});
