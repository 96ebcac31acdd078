import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { packageRoot } from '../../agent/base/root.ts';
import { readBoardFile } from '../../agent/boards/board-file.ts';
import { buildFirmware } from '../../agent/firmware/firmware.ts';
import type { FirmwareImage } from '../../agent/firmware/image.ts';
import { defaultKeyPath, readKey } from '../../agent/firmware/keys.ts';
import { toHex } from '../../protocol/bytes.ts';
import { imageFault, parseImage } from '../../protocol/mcuboot/image.ts';
import { client, ended, Workplace } from './emulate-command.ts';

const place = new Workplace();
const board = readBoardFile(packageRoot, 'cortex-m4');
beforeAll(() => place.openWithKey());
afterAll(() => place.close());

async function firmware(revision: number): Promise<FirmwareImage & { readonly path: string }> {
  const { context } = place;
  const version = { major: 0, minor: 0, revision, build: 0 };
  const release = { version, securityCounter: 0 };
  const built = await buildFirmware(board, undefined, await context.key(), release, context);
  const path = place.path(`firmware-${revision}.bin`);
  await writeFile(path, built.bytes);
  return { ...built, path };
}

const slots = z.array(
  z.object({
    slot: z.number(),
    hash: z.string(),
    active: z.boolean(),
    pending: z.boolean(),
    confirmed: z.boolean(),
  }),
);
const upgradeSeen = z.object({
  echo: z.string(),
  before: slots,
  marked: slots,
  trial: slots,
  after: slots,
});

describe('clients of other makers on an emulated Cortex-M4', () => {
  test('smpclient: echo, list, upload, test, reset, confirm; then smpmgr the same', async () => {
    const { port } = await place.emulate('cortex-m4');
    const second = await firmware(2);
    const script = join(packageRoot, 'test/boards/clients/upgrade.py');
    const seen = upgradeSeen.parse(JSON.parse(await client('python', script, port, second.path)));
    const hash = toHex(second.hash);
    expect(seen.echo).toBe('hello');
    expect(seen.before).toMatchObject([{ slot: 0, active: true, confirmed: true }]);
    expect(seen.marked[1]).toMatchObject({ hash, pending: true });
    expect(seen.trial[0]).toMatchObject({ hash, active: true, confirmed: false });
    expect(seen.after[0]).toMatchObject({ hash, active: true, confirmed: true });

    const third = await firmware(3);
    const smpmgr = (...args: readonly string[]): Promise<string> =>
      client('smpmgr', '--port', port, '--timeout', '10', ...args);
    expect(await smpmgr('os', 'echo', 'otolith')).toMatch(/r='otolith'/);
    await smpmgr('upgrade', '--slot', '1', third.path);
    expect(await smpmgr('image', 'state-read')).toMatch(/slot=0,\s+version='0.0.3'/);
    await smpmgr('image', 'state-write', '--confirm', toHex(third.hash));
    expect(await smpmgr('image', 'state-read')).toMatch(
      /slot=0,\s+version='0.0.3'[\s\S]*?confirmed=True,\s+active=True/,
    );
    // Unconfirmed, it would be gone now.
    await smpmgr('os', 'reset');
    expect(await smpmgr('image', 'state-read')).toMatch(/slot=0,\s+version='0.0.3'/);
  }, 240_000);
});

describe('otolith emulate', () => {
  test('ends with its emulator on SIGTERM and the emulator with it when it is killed', async () => {
    const first = await place.emulate('cortex-m4', '--flash', place.path('a.flash'));
    expect(await ended(first.child, 'SIGTERM')).toBe(0);
    expect(isAlive(first.pid)).toBe(false);
    const second = await place.emulate('cortex-m4', '--flash', place.path('a.flash'));
    await ended(second.child, 'SIGKILL');
    await expect.poll(() => isAlive(second.pid), { timeout: 10_000 }).toBe(false);
  }, 120_000);

  test('a flash file belongs to one emulator at a time', async () => {
    const flash = place.path('b.flash');
    await place.emulate('cortex-m4', '--flash', flash);
    await expect(place.emulate('cortex-m4', '--flash', flash)).rejects.toThrow(/in use by process/);
  });
});

describe('imgtool', () => {
  test('verifies our images', async () => {
    const { path } = await firmware(4);
    const key = defaultKeyPath(place.context.stateDir);
    expect(await client('imgtool', 'verify', '--key', key, path)).toMatch(/correctly validated/);
  });

  test('makes images that we verify and that our board boots', async () => {
    const { path } = await firmware(5);
    const parsed = parseImage((await firmware(5)).bytes);
    if (!parsed.ok) throw new Error(parsed.error);
    const key = await readKey(defaultKeyPath(place.context.stateDir));
    const body = place.path('body.bin');
    const signed = `${path}.imgtool`;
    await writeFile(body, parsed.value.body);
    const values = { 'key.pem': key.path, 'body.bin': body, 'signed.bin': signed };
    await client('imgtool', ...documentedFlags(values));
    const made = parseImage(new Uint8Array(await readFile(signed)));
    if (!made.ok) throw new Error(made.error);
    const verify = (message: Uint8Array, signature: Uint8Array): boolean =>
      toHex(key.sign(message)) === toHex(signature);
    expect(
      imageFault(made.value, { sha256: key.sha256, verify, publicKey: key.publicKey }),
    ).toBeUndefined();
    const said = await place.otolith(
      'push',
      '--image',
      signed,
      '--board',
      'emulated:cortex-m4',
      '--json',
    );
    expect(JSON.parse(said)).toMatchObject({ result: { step: 'done', how: 'pushed' } });
  }, 240_000);
});

/** The command of protocol/VENDOR.md, with its file names replaced. */
function documentedFlags(values: Readonly<Record<string, string>>): readonly string[] {
  const text = readFileSync(join(packageRoot, 'protocol/VENDOR.md'), 'utf8');
  const line = /^imgtool (sign .*)$/m.exec(text)?.[1] ?? '';
  return line.split(' ').map((word) => values[word] ?? word);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
