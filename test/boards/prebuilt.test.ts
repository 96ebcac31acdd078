import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cacheFolder, packageRoot } from '../../agent/base/root.ts';
import { readBoardFile } from '../../agent/boards/board-file.ts';
import { bootloaderPlan } from '../../agent/build/firmware-plans.ts';
import { PLACEHOLDER_KEY, withBootKey } from '../../agent/firmware/boot-key.ts';
import { bootloaderOrder, buildBootloader, buildFirmware } from '../../agent/firmware/firmware.ts';
import { buildKey, cachedBuild } from '../../agent/firmware/firmware-cache.ts';
import { createKey } from '../../agent/firmware/keys.ts';

const key = Uint8Array.from({ length: 32 }, (_, i) => 7 * i + 1);
const board = readBoardFile(packageRoot, 'cortex-m4');
let folder: string;
let path: string | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otolith-prebuilt-'));
  path = process.env.PATH;
});
afterAll(async () => {
  process.env.PATH = path;
  await rm(folder, { recursive: true });
});

it('puts a key into a bootloader as if it had been compiled with it, wherever that was', async () => {
  const cache = cacheFolder(process.env);
  const elsewhere = join(folder, 'a cache elsewhere');
  await mkdir(elsewhere);
  await symlink(join(cache, 'firmware'), join(elsewhere, 'firmware'));
  const plan = bootloaderPlan(board, key);
  const compiled = await cachedBuild({ ...bootloaderOrder(board), plan }, { cache: elsewhere });
  const patched = await buildBootloader(board, key, { cache });
  expect(Buffer.compare(await readFile(patched), await readFile(compiled.elf))).toBe(0);
  const template = await cachedBuild(bootloaderOrder(board), { cache });
  const raw = withBootKey(await readFile(template.bin), key);
  expect(Buffer.compare(raw, await readFile(compiled.bin))).toBe(0);
});

it('takes no file for a bootloader that does not hold the place of a key once', () => {
  expect(() => withBootKey(new Uint8Array(100), key)).toThrow(/once/);
  const twice = Buffer.concat([PLACEHOLDER_KEY, PLACEHOLDER_KEY]);
  expect(() => withBootKey(twice, key)).toThrow(/once/);
  expect(() => withBootKey(PLACEHOLDER_KEY, key.subarray(1))).toThrow(/32 bytes/);
});

it('needs neither compiler nor sources for what came with the package, and leaves that as it is', async () => {
  const signer = await createKey(join(folder, 'key.pem'));
  const release = { version: { major: 1, minor: 2, revision: 3, build: 0 }, securityCounter: 0 };
  const full = { cache: cacheFolder(process.env) };
  const expected = await buildFirmware(board, undefined, signer, release, full);
  const bootloader = await buildBootloader(board, signer.publicKey, full);

  const prebuilt = join(folder, 'brought');
  const builds = join(full.cache, 'firmware-builds');
  await cp(builds, prebuilt, { recursive: true });
  process.env.PATH = join(folder, 'nothing-here');
  const bare = { cache: join(folder, 'empty-cache'), prebuilt };
  const built = await buildFirmware(board, undefined, signer, release, bare);
  expect(Buffer.compare(built.bytes, expected.bytes)).toBe(0);
  const patched = await buildBootloader(board, signer.publicKey, bare);
  expect(dirname(dirname(patched))).toBe(join(bare.cache, 'firmware-builds'));
  expect(Buffer.compare(await readFile(patched), await readFile(bootloader))).toBe(0);
  const template = await readFile(
    join(prebuilt, await buildKey(bootloaderOrder(board)), basename(patched)),
  );
  expect(template.includes(Buffer.from(PLACEHOLDER_KEY))).toBe(true);

  const none = { cache: join(folder, 'empty-cache'), prebuilt: join(folder, 'no-package') };
  await expect(buildFirmware(board, undefined, signer, release, none)).rejects.toMatchObject({
    code: expect.stringMatching(/firmware-sources|tool-missing/),
  });
});
