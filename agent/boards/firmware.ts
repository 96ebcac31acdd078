import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fromHex } from '../../protocol/bytes.ts';
import type { ImageVersion } from '../../protocol/mcuboot/format.ts';
import { buildImage, imageHash, parseImage } from '../../protocol/mcuboot/image.ts';
import { runConfined } from '../compiler/confine.ts';
import { emitModel } from '../compiler/emit.ts';
import { coreOf, kernelsFor } from '../compiler/targets.ts';
import { isTool, runTool } from '../compiler/toolchain.ts';
import { reasonOf, UserError } from '../errors.ts';
import { makeFolder } from '../folder.ts';
import type { Model } from '../model/model.ts';
import { packageRoot } from '../root.ts';
import { type BoardFile, maxImageBytes } from './board-file.ts';
import {
  applicationBuild,
  bootloaderBuild,
  type FirmwareBuild,
  type FirmwareSite,
} from './firmware-build.ts';
import { type SigningKey, sha256 } from './keys.ts';
import type { PushImage } from './push.ts';
import { findThirdParty } from './third-party.ts';

/** Each takes a megabyte or two. */
const BUILDS_KEPT = 48;

export interface FirmwareOptions {
  /** Folder of things that can be made again; builds are kept there. */
  readonly cache: string;
  readonly signal?: AbortSignal;
}

export interface Firmware extends PushImage {
  readonly board: BoardFile;
  readonly version: ImageVersion;
  readonly securityCounter: number;
}

export interface Release {
  readonly version: ImageVersion;
  readonly securityCounter: number;
}

/** Path of the ELF of a board's bootloader that trusts this key; built once and kept. */
export async function buildBootloader(
  board: BoardFile,
  publicKey: Uint8Array,
  options: FirmwareOptions,
): Promise<string> {
  const plan = (site: FirmwareSite): FirmwareBuild => bootloaderBuild(site, publicKey);
  return (await kept(board, plan, `the bootloader of ${board.id}`, options)).elf;
}

/** The signed firmware of a board around a model, or without one: what leaves the factory. */
export async function buildFirmware(
  board: BoardFile,
  model: Model | undefined,
  key: SigningKey,
  release: Release,
  options: FirmwareOptions,
): Promise<Firmware> {
  const source =
    model === undefined
      ? undefined
      : emitModel(model, {
          kernels: kernelsFor({ kind: 'board', core: coreOf(board.core), flags: board.flags }),
        }).source;
  const plan = (site: FirmwareSite): FirmwareBuild => {
    const sources = [join(site.out, 'model.c')];
    const flags = ['-O3'];
    return applicationBuild(
      site,
      source === undefined ? undefined : { sources, includes: [], flags },
    );
  };
  const task = `${model?.metadata.name ?? 'the firmware'} for ${board.id}`;
  const files = source === undefined ? {} : { 'model.c': source };
  const { bin } = await kept(board, plan, task, options, files);
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

/** Builds in a folder named by everything that enters the build, unless it is there already. */
async function kept(
  board: BoardFile,
  plan: (site: FirmwareSite) => FirmwareBuild,
  task: string,
  options: FirmwareOptions,
  files: Readonly<Record<string, string>> = {},
): Promise<FirmwareBuild> {
  const site = { root: packageRoot, board, thirdParty: findThirdParty(options.cache) };
  const digest = createHash('sha256');
  digest.update(JSON.stringify([plan({ ...site, out: '' }).steps, files]));
  digest.update(await firmwareDigest());
  const name = `${board.id}-${digest.digest('hex').slice(0, 24)}`;
  const out = join(options.cache, 'firmware-builds', name);
  const done = plan({ ...site, out });
  if (existsSync(out)) {
    const now = new Date();
    await utimes(out, now, now).catch(() => {});
    return done;
  }
  const draft = `${out}.${randomUUID()}`;
  await makeFolder(draft);
  try {
    await Promise.all(
      Object.entries(files).map(([file, text]) => writeFile(join(draft, file), text)),
    );
    await runSteps(plan({ ...site, out: draft }), task, draft, options);
    // Another process may have built the same meanwhile: either result will do.
    await rename(draft, out).catch((error) => {
      if (!existsSync(out)) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  await prune(dirname(out));
  return done;
}

async function runSteps(
  build: FirmwareBuild,
  task: string,
  draft: string,
  options: FirmwareOptions,
): Promise<void> {
  for (const { argv, output, reusable, confined } of build.steps) {
    const [tool, ...args] = argv;
    if (!isTool(tool)) throw new Error(`a build runs ${tool}`);
    // Other people's C is the same in every build of a board: compiled once.
    const digest = createHash('sha256').update(argv.join('\n').replaceAll(draft, ''));
    const shelf = join(options.cache, 'firmware-objects', `${digest.digest('hex').slice(0, 24)}.o`);
    if (reusable && existsSync(shelf)) {
      await copyFile(shelf, output);
      continue;
    }
    const how = { task: `compiling ${task}`, cwd: draft, signal: options.signal };
    if (confined === undefined) await runTool({ tool, args }, how);
    else await runConfined({ tool, args }, { ...how, read: confined });
    if (reusable) await shelve(output, shelf);
  }
}

/** Copies by way of a rename, so that no other process sees half a file. */
async function shelve(from: string, to: string): Promise<void> {
  await makeFolder(dirname(to));
  const draft = `${to}.${randomUUID()}`;
  await copyFile(from, draft);
  await rename(draft, to);
}

/** Removes the builds that have not been made or used for longest. */
async function prune(folder: string): Promise<void> {
  const names = await readdir(folder);
  const aged = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      return { path, ms: (await stat(path).catch(() => undefined))?.mtimeMs ?? 0 };
    }),
  );
  aged.sort((a, b) => b.ms - a.ms);
  await Promise.all(
    aged.slice(BUILDS_KEPT).map(({ path }) => rm(path, { recursive: true, force: true })),
  );
}

/** SHA-256 of every file under firmware/, in order of their names. */
async function firmwareDigest(): Promise<Uint8Array> {
  const root = join(packageRoot, 'firmware');
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const digest = createHash('sha256');
  for (const path of paths) digest.update(path.slice(root.length)).update(await readFile(path));
  return digest.digest();
}
