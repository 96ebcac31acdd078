import { copyFile, mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundledClips, Clips, trimmed } from './clips.ts';
import type { AudioEvent } from './source.ts';
import { Windower } from './windows.ts';

/** A clock that a sleep moves on. */
const paced = (clock: { ms: number }) => ({
  monotonic: () => clock.ms,
  sleep: async (ms: number) => {
    clock.ms += ms;
  },
});

async function play(
  path: string,
  options: { loop?: boolean; until?: (n: number) => boolean } = {},
) {
  const clock = { ms: 0 };
  const clips = new Clips({
    path,
    loop: options.loop ?? false,
    minSamples: 30_225,
    now: () => 1_000_000,
    ...paced(clock),
  });
  const events: AudioEvent[] = [];
  const stop = new AbortController();
  for await (const event of clips.events(stop.signal)) {
    events.push(event);
    if (options.until?.(events.filter((e) => e.kind === 'clip-end').length)) stop.abort();
  }
  return { events, ms: clock.ms };
}

const endings = (events: readonly AudioEvent[]) =>
  events.flatMap((event) => (event.kind === 'clip-end' ? [event.clip] : []));

describe('Clips', () => {
  it('plays the clips that come with otolith, two of each class, with their labels', async () => {
    const { events } = await play(bundledClips);
    const labels = endings(events).map((clip) => clip.label);
    expect(labels).toHaveLength(20);
    for (const label of labels) expect(labels.filter((other) => other === label)).toHaveLength(2);
    expect(new Set(labels).size).toBe(10);
    expect(events.at(-1)).toMatchObject({ kind: 'state', state: 'offline' });
  });

  it('plays at the pace of the recording, by its own clock', async () => {
    const { events, ms } = await play(join(bundledClips, '1-100032-A-0.ogg'));
    const samples = events.reduce(
      (sum, event) => sum + (event.kind === 'samples' ? event.samples.length : 0),
      0,
    );
    expect(ms).toBeCloseTo(samples / 20, 6);
  });

  it('starts over after the last clip', async () => {
    const file = join(bundledClips, '1-100032-A-0.ogg');
    const { events } = await play(file, { loop: true, until: (n) => n === 3 });
    expect(endings(events)).toEqual(Array(3).fill({ file: '1-100032-A-0.ogg', label: 'dog' }));
  });

  it('gives the same windows when the clock jumps in the middle of a clip', async () => {
    const path = join(bundledClips, '2-101676-A-10.ogg');
    let calls = 0;
    const heard = async (now: () => number) => {
      const clips = new Clips({
        path,
        loop: false,
        minSamples: 30_225,
        now,
        ...paced({ ms: 0 }),
      });
      const windower = new Windower(30_225, 20_000);
      const windows = [];
      for await (const event of clips.events(new AbortController().signal)) {
        windows.push(...windower.push(event));
      }
      return windows.map(({ samples }) => samples);
    };
    const steady = await heard(() => 1e12);
    const jumping = await heard(() => (calls++ % 10 < 5 ? 1e12 : 0));
    expect(steady).toHaveLength(4);
    expect(jumping).toEqual(steady);
  });

  it('skips a damaged clip with a word, and goes on', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'otolith-clips-'));
    await writeFile(join(directory, 'a.ogg'), 'OggS broken');
    await copyFile(join(bundledClips, '1-100032-A-0.ogg'), join(directory, 'b.ogg'));
    const { events } = await play(directory);
    expect(events).toContainEqual({
      kind: 'gap',
      reason: expect.stringMatching(/^a\.ogg cannot be decoded \(.+\)/),
    });
    expect(endings(events)).toEqual([{ file: 'b.ogg' }]);
  });

  it('takes a folder per class, whose name is the label', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'otolith-clips-'));
    for (const folder of ['barking', 'clucking', '__MACOSX', '.cache', 'empty']) {
      await mkdir(join(directory, folder));
    }
    const clip = join(bundledClips, '1-100032-A-0.ogg');
    for (const to of ['barking/a.ogg', 'clucking/b.ogg', '__MACOSX/._b.ogg', 'clucking/._b.ogg']) {
      await copyFile(clip, join(directory, to));
    }
    expect(endings((await play(directory)).events)).toEqual([
      { file: 'barking/a.ogg', label: 'barking' },
      { file: 'clucking/b.ogg', label: 'clucking' },
    ]);
  });

  it('takes a class that is a link to a folder elsewhere', async () => {
    const [directory, elsewhere] = await Promise.all(
      ['clips', 'elsewhere'].map((name) => mkdtemp(join(tmpdir(), `otolith-${name}-`))),
    );
    if (directory === undefined || elsewhere === undefined) throw new Error('no folders');
    await copyFile(join(bundledClips, '1-100032-A-0.ogg'), join(elsewhere, 'a.ogg'));
    await symlink(elsewhere, join(directory, 'barking'));
    expect(endings((await play(directory)).events)).toEqual([
      { file: 'barking/a.ogg', label: 'barking' },
    ]);
  });

  it('answers in one line when there is nothing to play', async () => {
    await expect(play('/nowhere')).rejects.toMatchObject({ code: 'audio' });
    await expect(play(await mkdtemp(join(tmpdir(), 'x-')))).rejects.toThrow(/holds no clips/);
  });
});

describe('trimmed', () => {
  it('cuts exact zeros at both ends and pads what is too short', () => {
    expect([...trimmed(Int16Array.from([0, 0, 5, 0, 6, 0]), 2)]).toEqual([5, 0, 6]);
    expect([...trimmed(Int16Array.from([0, 5, 6, 0, 0, 0]), 6)]).toEqual([0, 0, 5, 6, 0, 0]);
    expect([...trimmed(new Int16Array(3), 4)]).toEqual([0, 0, 0, 0]);
  });
});
