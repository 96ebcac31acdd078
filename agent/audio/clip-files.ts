import { constants, type Stats } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readCsv } from '../base/csv.ts';
import { reasonOf, UserError } from '../base/errors.ts';
import { audioExtensions } from './decode/decode.ts';
import { contentsOf } from './folder-contents.ts';

/** A recording on disk, and what it is where that is known. */
export interface ClipPath {
  readonly path: string;
  /** For people: the file's name, behind its folder's where folders are classes. */
  readonly file: string;
  readonly label?: string;
}

/**
 * The recordings at a path: one file, a folder of files (labels from an `esc50.csv` there or in `../meta`), or a folder
 * per class.
 * @throws UserError `audio` where there is none.
 */
export async function clipsAt(path: string): Promise<readonly ClipPath[]> {
  const found = await readable(path);
  if (found.isFile()) return labelled(dirname(path), [basename(path)]);
  const { recordings, folders } = await contentsOf(path);
  const here = await labelled(path, recordings);
  const classes = await Promise.all(folders.map((name) => classAt(path, name)));
  const clips = [...here, ...classes.flat()];
  if (clips.length > 0) return clips;
  throw new UserError('audio', `audio.clips is ${path}, which holds no clips`, {
    hint: `put files ending in ${audioExtensions.join(', ')} there, or in a folder per class`,
  });
}

/** @throws UserError `audio` that says why a path cannot be read */
async function readable(path: string): Promise<Stats> {
  try {
    await access(path, constants.R_OK);
    return await stat(path);
  } catch (cause) {
    throw new UserError(
      'audio',
      `audio.clips is ${path}, which cannot be read (${reasonOf(cause)})`,
      { hint: 'name a file or folder of recordings (WAV, FLAC, Ogg Vorbis, MP3)', cause },
    );
  }
}

async function labelled(directory: string, names: readonly string[]): Promise<readonly ClipPath[]> {
  if (names.length === 0) return [];
  const labels = await readLabels(directory);
  return names.map((name) => {
    const label = labels.get(name);
    const clip = { path: join(directory, name), file: name };
    return label === undefined ? clip : { ...clip, label };
  });
}

/** The recordings of one class, which the folder's name says. */
async function classAt(parent: string, label: string): Promise<readonly ClipPath[]> {
  const folder = join(parent, label);
  await readable(folder);
  const { recordings } = await contentsOf(folder);
  return recordings.map((name) => {
    const file = `${label}/${name}`;
    return { path: join(parent, file), file, label };
  });
}

/** Labels by file name, from an `esc50.csv` beside the clips or in `../meta`, where there is one. */
async function readLabels(directory: string): Promise<ReadonlyMap<string, string>> {
  for (const file of ['esc50.csv', join('..', 'meta', 'esc50.csv')]) {
    const text = await readFile(join(directory, file), 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const rows = readCsv(text, join(directory, file), ['filename', 'category']);
    return new Map(rows.map(({ cell }) => [cell('filename'), cell('category')]));
  }
  return new Map();
}
