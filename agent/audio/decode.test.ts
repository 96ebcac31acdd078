import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import wavefile from 'wavefile';
import { decodeAudio } from './decode.ts';

function wav(
  channels: number,
  rate: number,
  depth: string,
  samples: readonly number[][],
): Uint8Array {
  const file = new wavefile.WaveFile();
  file.fromScratch(channels, rate, depth, samples);
  return file.toBuffer();
}

describe('decodeAudio', () => {
  it('decodes a 5 s Ogg Vorbis clip', async () => {
    const clip = new URL('./clips/1-100032-A-0.ogg', import.meta.url);
    const { sampleRate, samples } = await decodeAudio(await readFile(clip), 'clip');
    expect(sampleRate).toBe(44100);
    expect(samples.length).toBe(220544);
    expect(samples.some((x) => Math.abs(x) > 0.1)).toBe(true);
  });

  it('mixes WAV channels down, in any bit depth', async () => {
    const sixteen = await decodeAudio(
      wav(2, 8000, '16', [
        [16384, 0],
        [0, 0],
      ]),
      'a.wav',
    );
    expect(sixteen.sampleRate).toBe(8000);
    expect([...sixteen.samples].map((x) => Math.round(x * 100))).toEqual([25, 0]);
    const float = await decodeAudio(wav(1, 20000, '32f', [[0.25, -1]]), 'b.wav');
    expect([...float.samples]).toEqual([0.25, -1]);
  });

  it.each([
    ['text', Buffer.from('hello, not audio at all')],
    ['nothing', Buffer.alloc(0)],
    ['a cut Ogg header', Buffer.from('OggS\0\x02garbage')],
    ['a cut WAV header', Buffer.from('RIFF\x10\0\0\0WAVE')],
    ['a cut FLAC header', Buffer.from('fLaC\0\0')],
  ])('names the file that is %s', async (_, bytes) => {
    await expect(decodeAudio(bytes, 'x.ogg')).rejects.toMatchObject({ code: 'audio-decode' });
    await expect(decodeAudio(bytes, 'x.ogg')).rejects.toThrow(/x\.ogg/);
  });
});
