import { readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fromHex, toHex } from '../../protocol/bytes.ts';
import type { ImageVersion } from '../../protocol/mcuboot/format.ts';
import { buildImage, imageHash, parseImage } from '../../protocol/mcuboot/image.ts';
import { type BoardFile, maxImageBytes } from '../boards/board-file.ts';
import { emitModel } from '../compiler/emit.ts';
import { coreOf, kernelsFor } from '../compiler/targets.ts';
import { reasonOf, UserError } from '../errors.ts';
import type { Model } from '../model/model.ts';
import type { PushImage } from '../push/push.ts';
import { PLACEHOLDER_KEY, withBootKey } from './boot-key.ts';
import { applicationBuild, bootloaderBuild, type FirmwareSite } from './firmware-build.ts';
import { type BuildOrder, type FirmwareOptions, kept, keptFolder } from './firmware-cache.ts';
import { type SigningKey, sha256 } from './keys.ts';

export interface Firmware extends PushImage {
  readonly board: BoardFile;
  readonly version: ImageVersion;
  readonly securityCounter: number;
}

export interface Release {
  readonly version: ImageVersion;
  readonly securityCounter: number;
}

/** How a bootloader is built, for whatever key. */
export function bootloaderOrder(board: BoardFile): BuildOrder {
  const plan = (site: FirmwareSite) => bootloaderBuild(site, PLACEHOLDER_KEY);
  return { board, plan, task: `the bootloader of ${board.id}` };
}

/** Path of the ELF of a board's bootloader that trusts this key; built once for all keys, and kept. */
export async function buildBootloader(
  board: BoardFile,
  publicKey: Uint8Array,
  options: FirmwareOptions,
): Promise<string> {
  const { elf } = await kept(bootloaderOrder(board), options);
  const name = `${basename(dirname(elf))}-${toHex(sha256(publicKey)).slice(0, 16)}`;
  const folder = await keptFolder(name, options, async (draft) => {
    await writeFile(join(draft, basename(elf)), withBootKey(await readFile(elf), publicKey));
  });
  return join(folder, basename(elf));
}

/** How the firmware around a model is built, or what leaves the factory. */
export function applicationOrder(board: BoardFile, model: Model | undefined): BuildOrder {
  const task = `${model?.metadata.name ?? 'the firmware'} for ${board.id}`;
  if (model === undefined) return { board, plan: (site) => applicationBuild(site), task };
  const kernels = kernelsFor({ kind: 'board', core: coreOf(board.core), flags: board.flags });
  const plan = (site: FirmwareSite) => {
    const sources = [join(site.out, 'model.c')];
    return applicationBuild(site, { sources, includes: [], flags: ['-O3'] });
  };
  return { board, plan, task, files: { 'model.c': emitModel(model, { kernels }).source } };
}

/** The signed firmware of a board around a model, or without one: what leaves the factory. */
export async function buildFirmware(
  board: BoardFile,
  model: Model | undefined,
  key: SigningKey,
  release: Release,
  options: FirmwareOptions,
): Promise<Firmware> {
  const { bin } = await kept(applicationOrder(board, model), options);
  return sign(board, await readFile(bin), model, key, release);
}

function sign(
  board: BoardFile,
  body: Uint8Array,
  model: Model | undefined,
  key: SigningKey,
  release: Release,
): Firmware {
  const bytes = buildImage(
    {
      ...{ body, ...release, headerSize: board.image.headerSize, boardId: board.id },
      ...(model === undefined ? {} : { modelHash: fromHex(model.hash) }),
    },
    key,
  );
  if (bytes.length > maxImageBytes(board)) {
    const room = maxImageBytes(board);
    throw new UserError(
      'image-too-large',
      `the firmware takes ${bytes.length} bytes, a slot of ${board.id} holds ${room}`,
      { mend: 'choose a smaller network' },
    );
  }
  return { bytes, sha: sha256(bytes), hash: hashOf(bytes), board, ...release };
}

function hashOf(image: Uint8Array): Uint8Array {
  const parsed = parseImage(image);
  const hash = parsed.ok ? imageHash(parsed.value) : undefined;
  if (hash === undefined) throw new Error('an image we built does not parse');
  return hash;
}

/** Reads an image made elsewhere (imgtool's, another project's). @throws UserError `image-file` */
export async function readImageFile(path: string): Promise<PushImage> {
  const bytes = new Uint8Array(
    await readFile(path).catch((cause: unknown) => {
      throw new UserError('image-file', `the image ${path} cannot be read: ${reasonOf(cause)}`, {
        mend: 'name an MCUboot image (.bin), or leave --image out to push a network',
        cause,
      });
    }),
  );
  const parsed = parseImage(bytes);
  const hash = parsed.ok ? imageHash(parsed.value) : undefined;
  if (!parsed.ok || hash === undefined) {
    const why = parsed.ok ? 'it has no SHA-256' : parsed.error;
    throw new UserError('image-file', `${path} is not an MCUboot image (${why})`);
  }
  const whole = bytes.slice(0, parsed.value.size);
  return { bytes: whole, sha: sha256(whole), hash };
}
