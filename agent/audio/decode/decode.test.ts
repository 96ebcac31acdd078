import { chmod, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeAudio } from './decode.ts';

const fixture = (name: string): Promise<Buffer> =>
  readFile(new URL(`./fixtures/${name}`, import.meta.url));

const RATE = 8000;
const LENGTH = 2000;
/** The fixtures' tone. */
const tone = (amplitude: number): Float64Array =>
  Float64Array.from({ length: LENGTH }, (_, i) => {
    return amplitude * Math.sin((2 * Math.PI * 440 * i) / RATE);
  });

const power = (x: ArrayLike<number>): number =>
  Array.from(x).reduce((sum, v) => sum + v * v, 0) / x.length;

/** Signal over error in dB, sample by sample. */
function signalToNoise(samples: Float32Array, expected: Float64Array): number {
  const error = expected.map((x, i) => x - (samples[i] ?? 0));
  return 10 * Math.log10(power(expected) / power(error));
}

const decibels = (samples: Float32Array): number => 10 * Math.log10(power(samples));

interface WavFields {
  readonly tag?: number;
  readonly channels?: number;
  readonly rate?: number;
  readonly bits?: number;
  readonly blockAlign?: number;
  readonly id?: string;
  readonly extension?: Buffer;
  readonly dataSize?: number;
}

/** A WAV file of those very bytes. */
function wav(data: Uint8Array, fields: WavFields = {}): Buffer {
  const { tag = 1, channels = 1, rate = RATE, bits = 16, id = 'RIFF' } = fields;
  const extension = fields.extension ?? Buffer.alloc(0);
  const align = fields.blockAlign ?? (channels * bits) / 8;
  const short = (n: number): Buffer => Buffer.from([n & 255, n >> 8]);
  const long = (n: number): Buffer => {
    const four = Buffer.alloc(4);
    if (id === 'RIFX') four.writeUInt32BE(n);
    else four.writeUInt32LE(n);
    return four;
  };
  const word = (n: number): Buffer => (id === 'RIFX' ? short(n).reverse() : short(n));
  const format = [tag, channels].map(word).concat(long(rate), long((rate * align) % 2 ** 32));
  const fmt = Buffer.concat([...format, word(align), word(bits), extension]);
  const size = fields.dataSize ?? data.length;
  const head = [Buffer.from(id), long(36 + data.length), Buffer.from('WAVEfmt '), long(fmt.length)];
  return Buffer.concat([...head, fmt, Buffer.from('data'), long(size), data]);
}

/** -0.5, 0.25 and 0.75 of full scale. */
const LEVELS = [-0.5, 0.25, 0.75] as const;
const int = (bytes: number, big = false): Buffer => {
  const out = Buffer.alloc(3 * bytes);
  LEVELS.forEach((x, i) => {
    const value = x * 2 ** (8 * bytes - 1);
    if (big) out.writeIntBE(value, i * bytes, bytes);
    else out.writeIntLE(value, i * bytes, bytes);
  });
  return out;
};
const GUID = Buffer.from('000000001000800000aa00389b71', 'hex');
const extensible = (subformat: number, validBits: number): Buffer =>
  Buffer.concat([Buffer.from([22, 0, validBits, 0, 0, 0, 0, 0, subformat, 0]), GUID]);

const FORMS: readonly (readonly [string, Buffer])[] = [
  ['8 bits', wav(Buffer.from([64, 160, 224]), { bits: 8 })],
  ['16 bits', wav(int(2))],
  ['24 bits', wav(int(3), { bits: 24 })],
  ['32 bits', wav(int(4), { bits: 32 })],
  ['24 bits in 32', wav(int(4), { bits: 24, blockAlign: 4 })],
  [
    '32-bit floating point',
    wav(new Uint8Array(Float32Array.of(...LEVELS).buffer), { tag: 3, bits: 32 }),
  ],
  [
    '64-bit floating point',
    wav(new Uint8Array(Float64Array.of(...LEVELS).buffer), { tag: 3, bits: 64 }),
  ],
  ['extensible PCM', wav(int(3), { tag: 0xfffe, bits: 24, extension: extensible(1, 24) })],
  [
    'extensible floating point',
    wav(new Uint8Array(Float32Array.of(...LEVELS).buffer), {
      ...{ tag: 0xfffe, bits: 32, extension: extensible(3, 32) },
    }),
  ],
  ['big-endian RIFX', wav(int(2, true), { id: 'RIFX' })],
  ['a recorder that was cut off, its size 0', wav(int(2), { dataSize: 0 })],
  ['a stream, its size unknown', wav(int(2), { dataSize: 0xffff_ffff })],
  ['a size beyond the end', wav(int(2), { dataSize: 5000 })],
];

describe('WAV', () => {
  it.each(FORMS)('in %s keeps its levels', async (_, bytes) => {
    const { samples, sampleRate } = await decodeAudio(bytes, 'x.wav');
    expect(sampleRate).toBe(RATE);
    expect([...samples]).toEqual([...LEVELS]);
  });

  // G.711 is within 1/32 of a sample; ADPCM keeps four bits a sample.
  it.each([
    ['mu-law.wav', 0.5, 34],
    ['a-law.wav', 0.5, 34],
    ['ima-adpcm.wav', 0.5, 20],
    ['ima-adpcm-stereo.wav', 0.375, 20],
    ['ms-adpcm.wav', 0.5, 20],
    ['ms-adpcm-stereo.wav', 0.375, 20],
    ['rf64.wav', 0.5, 80],
  ])('%s is the tone it was made from', async (name, amplitude, least) => {
    const { samples, sampleRate } = await decodeAudio(await fixture(name), name);
    expect(sampleRate).toBe(RATE);
    expect(samples.length).toBe(LENGTH);
    expect(signalToNoise(samples, tone(amplitude))).toBeGreaterThan(least);
  });

  it('wrapped around MP3 is decoded as MP3', async () => {
    const bytes = wav(await fixture('layer3.mp3'), { tag: 0x55, bits: 0, blockAlign: 1 });
    const { samples } = await decodeAudio(bytes, 'x.wav');
    expect(samples.length).toBeGreaterThan(LENGTH - 10);
  });

  it.each([
    [0, /0 Hz/],
    [100, /100 Hz/],
    [4_000_000_000, /4000000000 Hz/],
  ])('of %d Hz is refused', async (rate, words) => {
    await expect(decodeAudio(wav(int(2), { rate }), 'x.wav')).rejects.toThrow(words);
  });
});

describe('decodeAudio', () => {
  it('decodes a 5 s Ogg Vorbis clip', async () => {
    const clip = new URL('../clips/1-100032-A-0.ogg', import.meta.url);
    const { sampleRate, samples } = await decodeAudio(await readFile(clip), 'clip');
    expect(sampleRate).toBe(44100);
    expect(samples.length).toBe(220544);
    expect(samples.some((x) => Math.abs(x) > 0.1)).toBe(true);
  });

  it('mixes channels down', async () => {
    const bytes = wav(new Uint8Array(Int16Array.of(16384, 0, 0, 0).buffer), { channels: 2 });
    expect([...(await decodeAudio(bytes, 'a.wav')).samples]).toEqual([0.25, 0]);
  });

  it('decodes MP3 at its level, also behind a long tag', async () => {
    const plain = await fixture('layer3.mp3');
    const tag = Buffer.concat([Buffer.from('ID3\x03\0\0\0\x06\0\0'), Buffer.alloc(6 << 14)]);
    for (const bytes of [plain, Buffer.concat([tag, plain])]) {
      const { samples, sampleRate } = await decodeAudio(bytes, 'a.mp3');
      expect(sampleRate).toBe(RATE);
      expect(Math.abs(samples.length - LENGTH)).toBeLessThan(10);
      expect(decibels(samples.subarray(500, 1500))).toBeCloseTo(-9.03, 0);
    }
  });

  it.each([
    ['text', Buffer.from('hello, not audio at all')],
    ['nothing', Buffer.alloc(0)],
    ['a cut Ogg header', Buffer.from('OggS\0\x02garbage')],
    ['a cut WAV header', Buffer.from('RIFF\x10\0\0\0WAVE')],
    ['a cut FLAC header', Buffer.from('fLaC\0\0')],
    ['a frame of MP3 that is none', Buffer.from('\xff\xfbnothing of the kind', 'latin1')],
    ['RIFF but no sound', Buffer.from('RIFF\x10\0\0\0AVI LIST')],
    [
      'an empty WAV with a note',
      Buffer.concat([wav(int(2)).subarray(0, 40), Buffer.from('\0\0\0\0LIST\x04\0\0\0note')]),
    ],
    ['samples that are no numbers', wav(Buffer.alloc(16, 255), { tag: 3, bits: 32 })],
    ['ADPCM in blocks of nothing', wav(Buffer.alloc(64), { tag: 0x11, bits: 4, blockAlign: 3 })],
    ['ADPCM in blocks of 0 bytes', wav(Buffer.alloc(64), { tag: 2, bits: 4, blockAlign: 0 })],
    ['PCM of 0 bits', wav(Buffer.alloc(64), { bits: 0, blockAlign: 0 })],
  ])('names the file that is %s', async (_, bytes) => {
    await expect(decodeAudio(bytes, 'x.ogg')).rejects.toMatchObject({ code: 'audio-decode' });
    await expect(decodeAudio(bytes, 'x.ogg')).rejects.toThrow(/x\.ogg/);
  });
});

describe('what only ffmpeg decodes', () => {
  /** Speaks ffmpeg's command line: keeps its arguments, reads all of its input, answers with a WAV file. */
  async function standIn(
    answer: Buffer,
  ): Promise<{ program: string; args: () => Promise<string> }> {
    const dir = await mkdtemp(join(tmpdir(), 'otolith-ffmpeg-'));
    await writeFile(join(dir, 'answer.wav'), answer);
    const program = join(dir, 'ffmpeg');
    await writeFile(
      program,
      `#!/bin/sh\necho "$@" >${dir}/args\ncat >/dev/null\ncat ${dir}/answer.wav\n`,
    );
    await chmod(program, 0o755);
    return { program, args: () => readFile(join(dir, 'args'), 'utf8') };
  }

  it.each([
    ['aac.m4a', 'mov'],
    ['pcm.aiff', 'aiff'],
  ])('%s goes through it, as that format and from a pipe alone', async (name, demuxer) => {
    const { program, args } = await standIn(wav(int(2), { dataSize: 0xffff_ffff }));
    const recording = await decodeAudio(await fixture(name), name, { ffmpeg: program });
    expect([...recording.samples]).toEqual([...LEVELS]);
    expect(await args()).toContain(`-protocol_whitelist cache,pipe -f ${demuxer} -i cache:pipe:0`);
  });

  it.each(['aac.m4a', 'pcm.aiff'])('%s is named with the program it needs', async (name) => {
    const decoding = decodeAudio(await fixture(name), name, { ffmpeg: '/nowhere/ffmpeg' });
    await expect(decoding).rejects.toThrow(
      new RegExp(`${name} cannot be decoded \\(.* needs ffmpeg`),
    );
    await expect(decoding).rejects.toMatchObject({
      message: expect.stringMatching(/apt-get install ffmpeg/),
    });
  });

  it('says what the program said of a damaged file', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'otolith-ffmpeg-'));
    const program = join(dir, 'ffmpeg');
    await writeFile(program, '#!/bin/sh\necho "moov atom not found" >&2\nexit 1\n');
    await chmod(program, 0o755);
    const decoding = decodeAudio(await fixture('aac.m4a'), 'a.m4a', { ffmpeg: program });
    await expect(decoding).rejects.toThrow(/a\.m4a .*moov atom not found/);
  });
});
