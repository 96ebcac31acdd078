import { readFile } from 'node:fs/promises';
import { isAbsolute, join, normalize } from 'node:path';
import { z } from 'zod';
import type { Ignored } from '../../audio/folder-contents.ts';
import { below, contentsOf, ignoredFolder, isRecording } from '../../audio/folder-contents.ts';
import { UserError } from '../../base/errors.ts';
import { parseJson } from '../../base/json.ts';
import type { LabelledFiles } from './classes.ts';
import { classNameOf } from './listing.ts';

/** Edge Impulse's list of an export's files; what else it says is of no use here. */
const infoSchema = z.object({
  files: z.array(
    z.object({
      path: z.string(),
      label: z.object({ type: z.string(), label: z.string().optional() }),
    }),
  ),
});

/** Labels by path below the data set's folder; undefined for files that have none. */
export type Labels = ReadonlyMap<string, string | undefined>;

export const INFO_FILE = 'info.labels';

/**
 * What `info.labels` says, in the export's folder or in each split's; undefined where there is none.
 * @throws UserError `data` where it is damaged or names files elsewhere.
 */
export async function readLabels(
  dir: string,
  splits: readonly string[],
): Promise<Labels | undefined> {
  const labels = new Map<string, string | undefined>();
  let found = false;
  for (const folder of ['', ...splits]) {
    const where = join(dir, folder, INFO_FILE);
    const text = await readFile(where, 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    found = true;
    const parsed = infoSchema.safeParse(parseJson(text));
    if (!parsed.success) {
      throw new UserError('data', `${where} is not Edge Impulse's list of files`, {
        hint: 'export the data once more, or remove the file: labels are then taken from file names',
      });
    }
    for (const { path, label } of parsed.data.files) {
      labels.set(join(folder, placeOf(path, where)), label.label === '' ? undefined : label.label);
    }
  }
  return found ? labels : undefined;
}

function placeOf(path: string, where: string): string {
  const place = normalize(path);
  if (!isAbsolute(place) && place !== '..' && !place.startsWith('../')) return place;
  throw new UserError('data', `${where} names ${JSON.stringify(path)}, which is outside`, {
    hint: 'export the data once more',
  });
}

/** Whether a name says a label and an id. */
export function saysLabel(name: string): boolean {
  return /^[^.]+\..+\.[^.]+$/.test(name);
}

function labelOf(name: string): string | undefined {
  return saysLabel(name) ? name.split('.')[0] : undefined;
}

function unlabelled(name: string, labels: Labels | undefined): string {
  if (labels === undefined) return 'its name says no label';
  return labels.has(name) ? `without a label in ${INFO_FILE}` : `not in ${INFO_FILE}`;
}

/** The recordings of a split: `<label>.<id>.wav`, or labelled by the list. */
export async function flatSplit(
  dir: string,
  split: string,
  labels: Labels | undefined,
): Promise<LabelledFiles> {
  const { recordings, folders, ignored } = await contentsOf(join(dir, split));
  const others: Ignored[] = [...below(split, ignored)].filter(
    ({ name }) => !name.endsWith(INFO_FILE),
  );
  for (const folder of folders) {
    others.push(await ignoredFolder(dir, join(split, folder), 'a folder within a split'));
  }
  const clips = recordings.flatMap((file) => {
    const name = join(split, file);
    const label = labels === undefined ? labelOf(file) : labels.get(name);
    if (label !== undefined) return [{ name, category: classNameOf(label, join(dir, name)) }];
    others.push({ name, why: unlabelled(name, labels) });
    return [];
  });
  for (const name of labels?.keys() ?? []) {
    const here = name.startsWith(`${split}/`) && isRecording(name);
    if (here && !recordings.includes(name.slice(split.length + 1))) {
      others.push({ name, why: `in ${INFO_FILE}, but not there` });
    }
  }
  return { clips, ignored: others };
}
