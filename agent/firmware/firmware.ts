import { readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fromHex, toHex } from '../../protocol/bytes.ts';
import type { ImageVersion } from '../../protocol/mcuboot/format.ts';
import { signImage } from '../../protocol/mcuboot/image.ts';
import { UserError } from '../base/errors.ts';
import { type BoardFile, maxImageBytes } from '../boards/board-file.ts';
import { applicationPlan, boardTarget, bootloaderPlan } from '../build/firmware-plans.ts';
import { emitModel } from '../compiler/emit.ts';
import { kernelsFor } from '../compiler/targets.ts';
import type { Model } from '../model/model.ts';
import { PLACEHOLDER_KEY, withBootKey } from './boot-key.ts';
import {
  type BuildOrder,
  cachedBuild,
  cachedFolder,
  type FirmwareOptions,
} from './firmware-cache.ts';
import { type FirmwareImage, imageOf } from './image.ts';
import { type SigningKey, sha256 } from './keys.ts';

export interface Release {
  readonly version: ImageVersion;
  readonly securityCounter: number;
}

/** How a bootloader is built, for whatever key. */
export function bootloaderOrder(board: BoardFile): BuildOrder {
  const plan = bootloaderPlan(board, PLACEHOLDER_KEY);
  return { board: board.id, name: 'boot', plan, task: `the bootloader of ${board.id}` };
}

/** Path of the ELF of a board's bootloader that trusts this key; built once for all keys, and cached. */
export async function buildBootloader(
  board: BoardFile,
  publicKey: Uint8Array,
  options: FirmwareOptions,
): Promise<string> {
  const { elf } = await cachedBuild(bootloaderOrder(board), options);
  const name = `${basename(dirname(elf))}-${toHex(sha256(publicKey)).slice(0, 16)}`;
  const folder = await cachedFolder(name, options, async (draft) => {
    await writeFile(join(draft, basename(elf)), withBootKey(await readFile(elf), publicKey));
  });
  return join(folder, basename(elf));
}

/** How the firmware around a model is built, or what leaves the factory. */
export function applicationOrder(board: BoardFile, model: Model | undefined): BuildOrder {
  const task = `${model?.metadata.name ?? 'the firmware'} for ${board.id}`;
  const order = { board: board.id, name: 'app', task } as const;
  if (model === undefined) return { ...order, plan: applicationPlan(board) };
  const { source } = emitModel(model, { kernels: kernelsFor(boardTarget(board)) });
  const plan = applicationPlan(board, ['build/model.c']);
  return { ...order, plan, files: { 'model.c': source } };
}

/** The signed firmware of a board around a model, or without one: what leaves the factory. */
export async function buildFirmware(
  board: BoardFile,
  model: Model | undefined,
  key: SigningKey,
  release: Release,
  options: FirmwareOptions,
): Promise<FirmwareImage> {
  const { bin } = await cachedBuild(applicationOrder(board, model), options);
  const recipe = {
    ...{ body: new Uint8Array(await readFile(bin)), boardId: board.id, ...release },
    headerSize: board.image.headerSize,
    ...(model === undefined ? {} : { modelHash: fromHex(model.hash) }),
  };
  const image = imageOf(signImage(recipe, key));
  const room = maxImageBytes(board);
  if (image.bytes.length <= room) return image;
  throw new UserError(
    'image-too-large',
    `the firmware takes ${image.bytes.length} bytes, a slot of ${board.id} holds ${room}`,
    { hint: 'choose a smaller network' },
  );
}
