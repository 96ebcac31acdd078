import { readdir, readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { audioExtensions } from '../../audio/decode/decode.ts';
import type { Ignored } from '../../audio/folder-contents.ts';
import { below, contentsOf, ignoredFolder } from '../../audio/folder-contents.ts';
import { litter } from '../../audio/litter.ts';
import { UserError } from '../../base/errors.ts';
import { classFolders, type Labelled } from './classes.ts';
import { AUTOMATIC_FOLDS, dealFolds, dealingNotes } from './deal.ts';
import { flatSplit, INFO_FILE, readLabels } from './edge-impulse.ts';
import { type ClipFile, type Listing, TEST_FOLD, VALIDATION_FOLD } from './listing.ts';
import { GROUP_RULE, groupBy, recordingOf } from './recordings.ts';
import { descend, type Split, type SplitFolder, splitFolders } from './splits.ts';
import { TABLE_BESIDE, TABLES, type Table, tableClips } from './tables.ts';

/**
 * Lists the clips of a data set: ESC-50's layout (meta/esc50.csv, audio/), UrbanSound8K's (metadata/UrbanSound8K.csv,
 * audio/fold<n>/), splits (train/<class>/ beside test/ or val/, or Edge Impulse's training/ and testing/), or a folder per
 * class; else ESC-50's table beside its clips. Whatever is no clip is listed with the reason.
 * @param group regular expression that names the recording a clip was cut from
 * @throws UserError `data` naming the folder if it holds none of these.
 */
export async function listClips(dir: string, group?: string): Promise<Listing> {
  const groupOf = group === undefined ? undefined : groupBy(group);
  for (const table of TABLES) {
    const text = await readText(join(dir, table.file));
    if (text !== undefined) return tableListing(dir, table, text, group);
  }
  const root = await descend(dir, '');
  const here = await contentsOf(join(dir, root));
  const splits = await splitFolders(join(dir, root), here);
  const listing =
    splits.length > 0
      ? await splitListing(dir, root, splits, groupOf)
      : await folderListing(dir, root, groupOf);
  if (listing.clips.length > 0) return listing;
  const beside = await readText(join(dir, TABLE_BESIDE.file));
  if (beside !== undefined) return tableListing(dir, TABLE_BESIDE, beside, group);
  throw new UserError('data', `${dir} is not a data set${whatIsThere(listing.ignored)}`, {
    hint: `give a folder with meta/esc50.csv, metadata/UrbanSound8K.csv, train/ and test/, or one folder of sounds (${audioExtensions.slice(0, 6).join(' ')}) per class`,
  });
}

function whatIsThere(ignored: readonly Ignored[]): string {
  const [first] = ignored;
  if (first === undefined) return ' (nothing is there)';
  const more = ignored.length > 1 ? `, and ${ignored.length - 1} more` : '';
  return ` (${first.name}: ${first.why}${more})`;
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new UserError('data', `${path} cannot be read (${code})`, { cause: error });
  }
}

async function tableListing(
  dir: string,
  table: Table,
  text: string,
  group: string | undefined,
): Promise<Listing> {
  const clips = tableClips(dir, table, text);
  const listed = new Set([...clips.map((c) => c.path), join(dir, table.file)]);
  const files = await readdir(join(dir, table.folder), {
    recursive: true,
    withFileTypes: true,
  }).catch(() => []);
  const ignored = files
    .filter((f) => !f.isDirectory() && !listed.has(join(f.parentPath, f.name)))
    .map((f) => ({
      name: join(f.parentPath, f.name).slice(dir.length + 1),
      why: litter(f.name) ?? 'not in the table',
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const notes = group === undefined ? [] : ['--group is not used: the table has folds'];
  return { layout: `${table.name}'s layout`, clips, ignored, notes };
}

type GroupOf = ((name: string) => string) | undefined;

/** Numbers classes by name and deals the clips that are trained on into folds. */
function dealt(dir: string, clips: readonly Labelled[], groupOf: GroupOf) {
  const withRecording = clips.map((clip) => {
    const stem = basename(clip.name, extname(clip.name));
    return { ...clip, recording: groupOf?.(clip.name) ?? recordingOf(stem, clip.category) };
  });
  const folds = dealFolds(withRecording);
  const rule = groupOf === undefined ? GROUP_RULE : 'by --group';
  return {
    clips: clips.map((clip, i) => fileOf(dir, clip, folds[i] ?? 1)),
    notes: dealingNotes(withRecording, rule),
  };
}

type Unnumbered = Omit<ClipFile, 'target'>;

function fileOf(dir: string, { name, category }: Labelled, fold: number): Unnumbered {
  return { name, path: join(dir, name), fold, category };
}

function numbered(clips: readonly Unnumbered[]): readonly ClipFile[] {
  const categories = [...new Set(clips.map((c) => c.category))].sort();
  const numbers = new Map(categories.map((category, i) => [category, i]));
  return clips.map((clip) => ({ ...clip, target: numbers.get(clip.category) ?? 0 }));
}

async function folderListing(dir: string, root: string, groupOf: GroupOf): Promise<Listing> {
  const { clips, ignored } = await classFolders(dir, root);
  const { clips: files, notes } = dealt(dir, clips, groupOf);
  return { layout: 'a folder per class', clips: numbered(files), ignored, notes };
}

async function splitListing(
  dir: string,
  root: string,
  splits: readonly SplitFolder[],
  groupOf: GroupOf,
): Promise<Listing> {
  const places = splits.map(({ place }) => join(root, place));
  const labels = await readLabels(dir, places);
  const clips: Record<Split, Labelled[]> = { training: [], validation: [], test: [] };
  const here = await contentsOf(join(dir, root));
  const ignored: Ignored[] = [...below(root, here.ignored)].filter((i) => i.name !== INFO_FILE);
  ignored.push(...here.recordings.map((name) => ({ name: join(root, name), why: 'in no split' })));
  for (const folder of here.folders.filter((name) => !splits.some((s) => s.folder === name))) {
    ignored.push(await ignoredFolder(dir, join(root, folder), 'no split with recordings'));
  }
  for (const [i, { split, flat }] of splits.entries()) {
    const place = places[i] ?? '';
    const found = await (flat ? flatSplit(dir, place, labels) : classFolders(dir, place));
    clips[split].push(...found.clips);
    ignored.push(...found.ignored);
  }
  const training = dealt(dir, clips.training, groupOf);
  // A validation split alone is what is left out; beside a test split it is neither trained on nor the measure.
  const validation = clips.test.length === 0 ? TEST_FOLD : VALIDATION_FOLD;
  const files = [
    ...training.clips,
    ...clips.validation.map((clip) => fileOf(dir, clip, validation)),
    ...clips.test.map((clip) => fileOf(dir, clip, TEST_FOLD)),
  ];
  const flat = splits.some((s) => s.flat);
  return {
    layout: flat ? "Edge Impulse's export" : 'splits with a folder per class',
    clips: numbered(files),
    ignored,
    notes: [
      `its splits are kept: ${clips.training.length} clips to train on (in folds 1-${AUTOMATIC_FOLDS}), ${clips.validation.length} for validation and ${clips.test.length} for the test, which are never trained on`,
      ...training.notes,
    ],
  };
}
