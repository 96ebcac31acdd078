import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { audioExtensions } from '../../audio/decode/decode.ts';
import { UserError } from '../../errors.ts';

/** One clip of a data set on disk. */
export interface ClipFile {
  readonly name: string;
  readonly path: string;
  /** The data set's own fold, or one dealt out automatically; from 1. */
  readonly fold: number;
  /** Class as the data set numbers it. */
  readonly target: number;
  readonly category: string;
}

/** Folds dealt to a data set that brings none. */
const AUTOMATIC_FOLDS = 5;

/**
 * Lists the clips of a data set: ESC-50's layout (meta/esc50.csv, audio/), UrbanSound8K's
 * (metadata/UrbanSound8K.csv, audio/fold<n>/) or a folder per class.
 * @throws UserError `data` naming the folder if it holds none of these.
 */
export async function listClips(dir: string): Promise<readonly ClipFile[]> {
  const esc = await readText(join(dir, 'meta', 'esc50.csv'));
  if (esc !== undefined) return escClips(dir, esc);
  const urban = await readText(join(dir, 'metadata', 'UrbanSound8K.csv'));
  if (urban !== undefined) return urbanClips(dir, urban);
  const clips = await folderClips(dir);
  if (clips.length > 0) return clips;
  throw new UserError('data', `${dir} is not a data set`, {
    mend: 'give a folder with meta/esc50.csv, metadata/UrbanSound8K.csv, or one folder of sounds per class',
  });
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Rows of a CSV file without quoting, keyed by its header. */
function csvRows(text: string, where: string, columns: readonly string[]) {
  const [header = '', ...lines] = text.split(/\r?\n/).filter((line) => line !== '');
  const names = header.split(',');
  for (const column of columns) {
    if (!names.includes(column))
      throw new UserError('data', `${where} has no column "${column}"`, {
        mend: 'use the file as the data set publishes it',
      });
  }
  return lines.map((line) => {
    const cells = line.split(',');
    return (column: string): string => cells[names.indexOf(column)] ?? '';
  });
}

function escClips(dir: string, text: string): readonly ClipFile[] {
  const where = join(dir, 'meta', 'esc50.csv');
  return csvRows(text, where, ['filename', 'fold', 'target', 'category']).map((cell) => ({
    // The first release has .ogg, the later one .wav; the table is the same.
    name: cell('filename'),
    path: join(dir, 'audio', cell('filename')),
    fold: Number(cell('fold')),
    target: Number(cell('target')),
    category: cell('category'),
  }));
}

function urbanClips(dir: string, text: string): readonly ClipFile[] {
  const where = join(dir, 'metadata', 'UrbanSound8K.csv');
  return csvRows(text, where, ['slice_file_name', 'fold', 'classID', 'class']).map((cell) => ({
    name: cell('slice_file_name'),
    path: join(dir, 'audio', `fold${cell('fold')}`, cell('slice_file_name')),
    fold: Number(cell('fold')),
    target: Number(cell('classID')),
    category: cell('class'),
  }));
}

async function folderClips(dir: string): Promise<readonly ClipFile[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  const classes = entries
    .filter((e) => e.isDirectory())
    .map((e) => e.name)
    .sort();
  const clips: ClipFile[] = [];
  for (const category of classes) {
    const files = (await readdir(join(dir, category)))
      .filter((name) => audioExtensions.includes(extname(name).toLowerCase()))
      .sort();
    if (files.length === 0) continue;
    const target = new Set(clips.map((c) => c.category)).size;
    files.forEach((file, i) => {
      const name = `${category}/${file}`;
      // Dealt in order of name, so that every class is in every fold.
      clips.push({
        name,
        path: join(dir, name),
        fold: 1 + (i % AUTOMATIC_FOLDS),
        target,
        category,
      });
    });
  }
  return clips;
}
