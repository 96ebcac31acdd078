import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeAudio } from '../../agent/audio/decode/decode.ts';
import { resample, toInt16 } from '../../agent/audio/resample.ts';
import { UserError } from '../../agent/base/errors.ts';
import { Random, randomSamples } from '../../agent/base/random.ts';
import { flacBomb, flacFrame, flacHeader, joined } from '../fakes/flac.ts';
import { oggFile, withChecksums } from '../fakes/ogg.ts';
import { wavFile } from '../fakes/wav.ts';
import { mutant } from './mutants.ts';

/** What a user sees of a recording's bytes: its samples at 20 kHz, or one line. */
async function read(bytes: Uint8Array, name: string): Promise<number | string> {
  try {
    const { samples, sampleRate } = await decodeAudio(bytes, name, {
      timeoutMs: 2000,
      ffmpeg: '/nowhere/ffmpeg',
    });
    return toInt16(resample(samples, sampleRate, 20_000)).length;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.line;
  }
}

const noise = randomSamples(new Random(1), 192 * 8);
const frames = Array.from({ length: 8 }, (_, i) =>
  flacFrame(i, noise.subarray(192 * i, 192 * (i + 1))),
);
const flac = joined([flacHeader({ sampleRate: 44_100, total: 192 * 8 }), ...frames]);
let ogg: Uint8Array;
const fixtures = new Map<string, Uint8Array>();

beforeAll(async () => {
  const clip = new URL('../../agent/audio/clips/1-100032-A-0.ogg', import.meta.url);
  ogg = oggFile(await readFile(clip), 5);
  for (const name of ['ima-adpcm.wav', 'ms-adpcm-stereo.wav', 'layer3.mp3']) {
    const file = new URL(`../../agent/audio/decode/fixtures/${name}`, import.meta.url);
    fixtures.set(name, new Uint8Array(await readFile(file)));
  }
});

const KINDS = {
  wav: { whole: () => wavFile({ samples: noise }), header: 48 },
  'extensible wav': { whole: () => wavFile({ samples: noise, extensible: true }), header: 72 },
  flac: { whole: () => flac, header: 64 },
  ogg: { whole: () => ogg, header: 4000 },
  'ima adpcm': { whole: () => fixture('ima-adpcm.wav'), header: 80 },
  'ms adpcm': { whole: () => fixture('ms-adpcm-stereo.wav'), header: 120 },
  mp3: { whole: () => fixture('layer3.mp3'), header: 600 },
} as const;

function fixture(name: string): Uint8Array {
  return (fixtures.get(name) ?? new Uint8Array(0)).slice();
}

describe.each(Object.entries(KINDS))('1,000 damaged recordings: %s', (kind, { whole, header }) => {
  it('each end in sound or in one line, in bounded memory', { timeout: 300_000 }, async () => {
    expect(await read(whole(), kind)).toBeTypeOf('number');
    const random = new Random(7);
    const before = process.memoryUsage().rss;
    let refused = 0;
    let most = 0;
    for (let i = 0; i < 1000; i++) {
      const damaged = mutant(whole(), header, random);
      // With right checksums too: damage that only the decoder meets.
      const checked = kind === 'ogg' && random.chance(0.4) ? withChecksums(damaged) : damaged;
      const result = await read(checked, kind);
      most = Math.max(most, process.memoryUsage().rss - before);
      if (typeof result === 'number') continue;
      refused++;
      expect(result).toMatch(/^\P{Cc}{1,400}$/u);
      expect(result.startsWith(`${kind} `)).toBe(true);
    }
    expect(refused).toBeGreaterThan(100);
    expect(refused).toBeLessThan(1000);
    expect(most).toBeLessThan(900e6);
  });
});

describe('a recording that would take all memory or time', () => {
  it.each([0, 1, 7, 100, 999, 384_001, 4e9])('says %d Hz: refused', async (sampleRate) => {
    const line = await read(wavFile({ samples: noise, sampleRate }), 'x.wav');
    expect(line).toMatch(
      /^x\.wav cannot be decoded \(its sample rate is \d+ Hz, and 1000 to 384000 can be\)/,
    );
  });

  it.each([1000, 384_000])('says %d Hz: taken', async (sampleRate) => {
    expect(await read(wavFile({ samples: noise, sampleRate }), 'x.wav')).toBeTypeOf('number');
  });

  it('is a FLAC file of one hour and more in a kilobyte: refused', async () => {
    const bombs = Array.from({ length: 80 }, (_, i) => flacBomb(i));
    const line = await read(joined([flacHeader({ sampleRate: 1000, total: 0 }), ...bombs]), 'x');
    expect(line).toMatch(/it is longer than the 60 minutes that are read; cut it/);
    const promised = flacHeader({ sampleRate: 44_100, total: 2 ** 31 });
    expect(await read(joined([promised, ...frames]), 'x')).toMatch(
      /it is longer than the 50 minutes/,
    );
  });

  it('keeps its decoder busy for too long: refused, and the next is decoded', async () => {
    const clip = new URL('../../agent/audio/clips/2-18766-A-12.ogg', import.meta.url);
    await expect(decodeAudio(await readFile(clip), 'x', { timeoutMs: 1 })).rejects.toThrow(
      /its decoder did not come to an end/,
    );
    expect(await read(ogg, 'x')).toBeTypeOf('number');
  });

  it('has a damaged page: the page is named', async () => {
    const damaged = ogg.slice();
    damaged[damaged.length - 10] = (damaged.at(-10) ?? 0) ^ 1;
    expect(await read(damaged, 'x.ogg')).toMatch(
      /^x\.ogg cannot be decoded \(page \d+ is damaged\)/,
    );
  });
});
