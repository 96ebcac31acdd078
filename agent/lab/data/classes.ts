import { join } from 'node:path';
import type { Ignored } from '../../audio/folder-contents.ts';
import { below, contentsOf, ignoredFolder } from '../../audio/folder-contents.ts';
import { classNameOf } from './listing.ts';

/** A recording and the class that its place or a table says it is of. */
export interface Labelled {
  /** Path below the data set's folder. */
  readonly name: string;
  readonly category: string;
}

export interface LabelledFiles {
  readonly clips: readonly Labelled[];
  readonly ignored: readonly Ignored[];
}

/** The recordings of a folder that has a folder per class. `at`: its path below the data set's folder. */
export async function classFolders(dir: string, at: string): Promise<LabelledFiles> {
  const here = await contentsOf(join(dir, at));
  const clips: Labelled[] = [];
  const ignored: Ignored[] = [
    ...below(at, here.ignored),
    ...here.recordings.map((name) => ({ name: join(at, name), why: 'in no class folder' })),
  ];
  for (const folder of here.folders) {
    const place = join(at, folder);
    const { recordings, folders, ignored: others } = await contentsOf(join(dir, place));
    if (recordings.length === 0) {
      ignored.push(await ignoredFolder(dir, place, 'holds no recording of its own'));
      continue;
    }
    const category = classNameOf(folder, join(dir, place));
    clips.push(...recordings.map((name) => ({ name: join(place, name), category })));
    ignored.push(...below(place, others));
    for (const deeper of folders) {
      ignored.push(await ignoredFolder(dir, join(place, deeper), 'a folder within a class'));
    }
  }
  return { clips, ignored };
}
