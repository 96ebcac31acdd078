import { join } from 'node:path';
import { type Contents, contentsOf } from '../../audio/folder-contents.ts';
import { INFO_FILE, saysLabel } from './edge-impulse.ts';

export type Split = 'training' | 'validation' | 'test';

const NAMES: ReadonlyMap<string, Split> = new Map([
  ['train', 'training'],
  ['training', 'training'],
  ['val', 'validation'],
  ['valid', 'validation'],
  ['validation', 'validation'],
  ['dev', 'validation'],
  ['test', 'test'],
  ['testing', 'test'],
  ['eval', 'test'],
]);

export interface SplitFolder {
  readonly split: Split;
  /** Its name in the data set's folder. */
  readonly folder: string;
  /** Folder of its clips or class folders, below the data set's. */
  readonly place: string;
  /** Whether its clips lie in it without class folders. */
  readonly flat: boolean;
}

/**
 * The splits of a data set laid out as `train/<class>/` beside `test/` or `val/`, or as Edge Impulse does, clips named
 * after their label; none where the folders are classes.
 */
export async function splitFolders(
  dir: string,
  contents: Contents,
): Promise<readonly SplitFolder[]> {
  const named = contents.folders.flatMap((folder) => {
    const split = NAMES.get(folder.toLowerCase());
    return split === undefined ? [] : [{ split, folder }];
  });
  const kinds = new Set(named.map(({ split }) => split));
  if (!kinds.has('training') || kinds.size < 2) return [];
  const found: SplitFolder[] = [];
  for (const { split, folder } of named) {
    const place = await descend(dir, folder);
    const here = await contentsOf(join(dir, place));
    const listed = [contents, here].some((c) => c.ignored.some((i) => i.name === INFO_FILE));
    if (here.recordings.length > 0 && (listed || here.recordings.some(saysLabel))) {
      found.push({ split, folder, place, flat: true });
    } else if (here.folders.length > 0) found.push({ split, folder, place, flat: false });
  }
  return found.some(({ split }) => split === 'training') ? found : [];
}

/** Past folders that hold one folder of folders and nothing else, as archives are often unpacked. */
export async function descend(dir: string, at: string): Promise<string> {
  const { recordings, folders } = await contentsOf(join(dir, at));
  const [only] = folders;
  if (recordings.length > 0 || folders.length !== 1 || only === undefined) return at;
  const deeper = await contentsOf(join(dir, at, only));
  return deeper.folders.length > 0 && deeper.recordings.length === 0
    ? descend(dir, join(at, only))
    : at;
}
