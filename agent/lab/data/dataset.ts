import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readRecording } from '../../audio/decode/decode.ts';
import { hasFfmpeg } from '../../audio/decode/ffmpeg.ts';
import type { Ignored } from '../../audio/folder-contents.ts';
import { resample, toInt16 } from '../../audio/resample.ts';
import { reasonOf, UserError } from '../../base/errors.ts';
import { makeFolder } from '../../base/folder.ts';
import { parseJson } from '../../base/json.ts';
import { writeWhole } from '../../base/write-whole.ts';
import { listClips } from './layout.ts';
import type { ClipFile } from './listing.ts';
import { selectClasses } from './subsets.ts';

/** One clip in memory: 16 bits at the data set's rate, without leading and trailing exact zeros. */
export interface Clip {
  readonly name: string;
  /** From 1; TEST_FOLD and VALIDATION_FOLD are never trained on. */
  readonly fold: number;
  /** Index into the data set's labels. */
  readonly label: number;
  readonly samples: Int16Array;
}

export interface Dataset {
  readonly labels: readonly string[];
  readonly sampleRate: number;
  /** The folds that occur, ascending. */
  readonly folds: readonly number[];
  readonly clips: readonly Clip[];
  /** Clips left out, each with the reason. */
  readonly skipped: readonly string[];
  readonly about: DatasetFacts;
}

/** What one should know of a data set before relying on it. */
export interface DatasetFacts {
  /** How it is laid out, and what one should know of its folds. */
  readonly layout: string;
  readonly notes: readonly string[];
  /** Files and folders that are no clips. */
  readonly ignored: readonly Ignored[];
  /** Clips of classes that were not asked for. */
  readonly unselected: number;
  /** Clips by the sample rate of their file. */
  readonly rates: readonly Rate[];
}

interface Rate {
  readonly hz: number;
  readonly clips: number;
}

export interface DatasetOptions {
  readonly dir: string;
  /** Folder for the decoded copy; nothing is kept without it. */
  readonly cache?: string | undefined;
  /** Preset or list of classes, or their very names; all of them if absent. */
  readonly classes?: string | readonly string[] | undefined;
  /** Regular expression that names the recording a clip was cut from (see `listClips`). */
  readonly group?: string | undefined;
  /** Refuse a data set with a corrupt or empty clip in place of leaving it out. */
  readonly strict?: boolean | undefined;
  readonly sampleRate?: number | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Rate of every ACDNet. */
const SAMPLE_RATE = 20000;

/**
 * Loads a data set, decoded and resampled; from the cache when the files are the ones that were decoded before.
 * @throws UserError `data` if the folder holds no data set, or on a bad clip with `strict`.
 */
export async function loadDataset(options: DatasetOptions): Promise<Dataset> {
  const sampleRate = options.sampleRate ?? SAMPLE_RATE;
  const { clips: listed, layout, notes, ignored } = await listClips(options.dir, options.group);
  const files = selectClasses(listed, options.classes);
  const cacheFile = options.cache && join(options.cache, `${await keyOf(files, sampleRate)}.clips`);
  const cached = cacheFile === undefined ? undefined : await readCache(cacheFile);
  const decoded = cached ?? (await decodeAll(files, sampleRate, options.onProgress));
  const [bad] = decoded.skipped;
  if (options.strict && bad !== undefined) throw new UserError('data', bad);
  if (decoded.clips.length === 0)
    throw new UserError('data', `${options.dir} holds no clip that can be read`);
  if (cached === undefined && cacheFile !== undefined) await writeCache(cacheFile, decoded);
  const { rates, ...dataset } = decoded;
  const unselected = listed.length - files.length;
  return { ...dataset, about: { layout, notes, ignored, unselected, rates } };
}

/** Names what was decoded: a changed, added or touched file gives another key, and so does ffmpeg where it was missing. */
async function keyOf(files: readonly ClipFile[], sampleRate: number): Promise<string> {
  const hash = createHash('sha256').update(`v3 ${sampleRate} ${await hasFfmpeg()}`);
  for (const file of files) {
    const found = await stat(file.path).catch(() => undefined);
    hash.update(
      `\n${file.name} ${file.fold} ${file.target} ${file.category} ${found?.size} ${found?.mtimeMs}`,
    );
  }
  return hash.digest('hex').slice(0, 16);
}

/** What comes of decoding, and is kept in the cache. */
type Decoded = Omit<Dataset, 'about'> & Pick<DatasetFacts, 'rates'>;

async function decodeAll(
  files: readonly ClipFile[],
  sampleRate: number,
  onProgress: DatasetOptions['onProgress'],
): Promise<Decoded> {
  const targets = [...new Set(files.map((f) => f.target))].sort((a, b) => a - b);
  const labels = targets.map((t) => files.find((f) => f.target === t)?.category ?? `${t}`);
  const clips: Clip[] = [];
  const skipped: string[] = [];
  const counts = new Map<number, number>();
  for (const [i, file] of files.entries()) {
    onProgress?.(i, files.length);
    try {
      const { sampleRate: from, samples } = await readRecording(file.path, file.name);
      const trimmed = trimZeros(toInt16(resample(samples, from, sampleRate)));
      if (trimmed.length === 0) throw new UserError('data', `${file.name} is silent throughout`);
      const label = targets.indexOf(file.target);
      clips.push({ name: file.name, fold: file.fold, label, samples: trimmed });
      counts.set(from, (counts.get(from) ?? 0) + 1);
    } catch (error) {
      skipped.push(error instanceof UserError ? error.message : `${file.name}: ${reasonOf(error)}`);
    }
  }
  const folds = [...new Set(clips.map((c) => c.fold))].sort((a, b) => a - b);
  const rates = [...counts]
    .map(([hz, count]) => ({ hz, clips: count }))
    .sort((a, b) => a.hz - b.hz);
  return { labels, sampleRate, folds, clips, skipped, rates };
}

/** Cuts leading and trailing exact zeros, as the paper's program does. */
export function trimZeros(samples: Int16Array): Int16Array {
  let start = 0;
  let end = samples.length;
  while (start < end && samples[start] === 0) start++;
  while (end > start && samples[end - 1] === 0) end--;
  return samples.slice(start, end);
}

const headerSchema = z.strictObject({
  labels: z.array(z.string()),
  sampleRate: z.number().int(),
  skipped: z.array(z.string()),
  rates: z.array(z.strictObject({ hz: z.number().int(), clips: z.number().int() })),
  clips: z.array(
    z.strictObject({
      name: z.string(),
      fold: z.number().int(),
      label: z.number().int(),
      length: z.number().int(),
    }),
  ),
});

/** One JSON line, then all samples. A damaged cache is decoded again. */
async function readCache(path: string): Promise<Decoded | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined) return undefined;
  const line = bytes.indexOf(10);
  const header = headerSchema.safeParse(parseJson(bytes.toString('utf8', 0, Math.max(0, line))));
  if (!header.success) return undefined;
  const total = header.data.clips.reduce((sum, c) => sum + c.length, 0);
  if (bytes.length !== line + 1 + total * 2) return undefined;
  const all = new Int16Array(new Uint8Array(bytes.subarray(line + 1)).buffer);
  let at = 0;
  const clips = header.data.clips.map(({ length, ...clip }) => {
    at += length;
    return { ...clip, samples: all.subarray(at - length, at) };
  });
  const folds = [...new Set(clips.map((c) => c.fold))].sort((a, b) => a - b);
  return { ...header.data, folds, clips };
}

async function writeCache(path: string, dataset: Decoded): Promise<void> {
  await makeFolder(join(path, '..'));
  const clips = dataset.clips.map(({ samples, ...clip }) => ({ ...clip, length: samples.length }));
  const { labels, sampleRate, skipped, rates } = dataset;
  const header = `${JSON.stringify({ labels, sampleRate, skipped, rates, clips })}\n`;
  const parts = dataset.clips.map((c) =>
    Buffer.from(c.samples.buffer, c.samples.byteOffset, c.samples.byteLength),
  );
  await writeWhole(path, Buffer.concat([Buffer.from(header), ...parts]));
}
