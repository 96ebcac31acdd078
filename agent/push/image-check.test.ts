import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { concat } from '../../protocol/bytes.ts';
import { buildImage, type ImageRecipe } from '../../protocol/mcuboot/image.ts';
import { FakeBoard, type FakeBoardOptions } from '../../test/fakes/board.ts';
import { FakeLine } from '../../test/fakes/line.ts';
import { systemClock } from '../base/clock.ts';
import type { BoardContext } from '../firmware/context.ts';
import { createKey, type SigningKey } from '../firmware/keys.ts';
import { Board } from '../smp/board.ts';
import { BoardLink } from '../smp/link.ts';
import { pushAttached } from './push-job.ts';

const signal = new AbortController().signal;
let folder = '';
let key: SigningKey;
let otherKey: SigningKey;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otolith-image-'));
  key = await createKey(join(folder, 'key.pem'));
  otherKey = await createKey(join(folder, 'other.pem'));
});
afterAll(() => rm(folder, { recursive: true }));
const links: BoardLink[] = [];
afterEach(async () => {
  await Promise.all(links.splice(0).map((link) => link.stop()));
});

const recipe: ImageRecipe = {
  body: Uint8Array.from({ length: 5000 }, (_, i) => i & 0xff),
  version: { major: 1, minor: 2, revision: 3, build: 0 },
  ...{ headerSize: 1024, securityCounter: 3, boardId: 'cortex-m4' },
};

function flipped(image: Uint8Array, at: number): Uint8Array {
  const copy = image.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

/** An image without its last record, the signature. */
function unsigned(image: Uint8Array): Uint8Array {
  const end = image.length - 68;
  const copy = image.slice(0, end);
  const area = 1024 + 5000 + 4 + 8 + 13;
  new DataView(copy.buffer).setUint16(area + 2, end - area, true);
  return copy;
}

async function push(image: Uint8Array, options: FakeBoardOptions, running = image, dryRun = false) {
  const path = join(folder, 'image.bin');
  await writeFile(path, image);
  let device: FakeBoard | undefined;
  const line = new FakeLine((send) => {
    device = new FakeBoard(running, send, options);
    return device;
  });
  const link = new BoardLink({ open: line.open, clock: systemClock, heartbeatMs: 0 });
  links.push(link);
  link.start(signal);
  const context: BoardContext = {
    ...{ stateDir: folder, cache: folder },
    key: async () => key,
    knownKey: async () => key,
  };
  const job = { payload: { type: 'image', path }, dryRun } as const;
  const pushed = pushAttached(
    { id: 'fake', board: new Board(link, systemClock) },
    context,
    job,
    signal,
  );
  return { pushed, requests: () => device?.requests };
}

const ours: FakeBoardOptions = { kind: 'cortex-m4', counter: 3 };
const good = () => buildImage(recipe, key);
const old = () => buildImage({ ...recipe, body: new Uint8Array(100) }, key);

describe('an image is checked before a byte of it is sent', () => {
  const wrong: Readonly<Record<string, [() => Uint8Array, string, RegExp]>> = {
    'a flipped bit in its body': [() => flipped(good(), 3000), 'image-corrupt', /hash field says/],
    'a flipped bit in its header': [() => flipped(good(), 21), 'image-corrupt', /hash field says/],
    'a flipped bit in its hash': [() => flipped(good(), 6024 + 25 + 8), 'image-corrupt', /SHA-256/],
    'another board': [
      () => buildImage({ ...recipe, boardId: 'cortex-m7' }, key),
      'image-board',
      /made for "cortex-m7", and this board is a cortex-m4/,
    ],
    'a terminal’s commands for a board': [
      () => buildImage({ ...recipe, boardId: '\u001b[2J' }, key),
      'image-board',
      /made for "\\u001b\[2J"/,
    ],
    'an older security counter': [
      () => buildImage({ ...recipe, securityCounter: 2 }, key),
      'image-counter',
      /security counter 2; this board takes 3 or more/,
    ],
    'another key': [() => buildImage(recipe, otherKey), 'image-key', /signed by the key .*trust/],
    'no signature': [() => unsigned(good()), 'image-key', /no Ed25519 signature/],
    'a signature of other contents': [
      () => flipped(good(), good().length - 1),
      'image-key',
      /signature that is not of the key/,
    ],
    'more bytes than a slot': [
      () => buildImage({ ...recipe, body: new Uint8Array(524_288) }, key),
      'image-too-large',
      /takes 525\d+ bytes, a slot of cortex-m4 holds 516096/,
    ],
    'a header of another length': [
      () => buildImage({ ...recipe, headerSize: 512 }, key),
      'image-board',
      /header of 512 bytes/,
    ],
  };
  test.each(Object.keys(wrong))('%s', async (name) => {
    const [make, code, words] = wrong[name] ?? [good, '', /./];
    for (const dryRun of [false, true]) {
      const { pushed, requests } = await push(make(), ours, old(), dryRun);
      await expect(pushed).rejects.toMatchObject({ code, message: expect.stringMatching(words) });
      expect(requests()).toBe(1); // who are you
    }
  });

  test('a corrupt image whose hash field is that of the running one does not run already', async () => {
    const { pushed } = await push(flipped(good(), 3000), ours, good());
    await expect(pushed).rejects.toMatchObject({ code: 'image-corrupt' });
    const same = await push(good(), ours, good());
    expect(await same.pushed).toMatchObject({ result: { how: 'already-running' } });
  });

  test('a good one is pushed, padded to a slot too', async () => {
    const padded = concat([good(), new Uint8Array(9000).fill(0xff)]);
    const { pushed } = await push(padded, ours, old());
    const report = await pushed;
    expect(report).toMatchObject({ version: '1.2.3', result: { step: 'done', how: 'pushed' } });
    expect(report.imageBytes).toBe(good().length);
  });

  test('on a board of another maker only what it must be anyway: whole', async () => {
    const theirs: FakeBoardOptions = { vendor: false };
    const { pushed } = await push(unsigned(buildImage(recipe, otherKey)), theirs, old());
    expect(await pushed).toMatchObject({ result: { step: 'done', how: 'pushed' } });
    const corrupt = await push(flipped(good(), 3000), theirs, old());
    await expect(corrupt.pushed).rejects.toMatchObject({ code: 'image-corrupt' });
  });
});
