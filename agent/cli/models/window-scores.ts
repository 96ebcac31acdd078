import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../base/folder.ts';
import { writeWhole } from '../../base/write-whole.ts';
import type { Clip } from '../../lab/data/dataset.ts';
import { testOffsets, testWindows } from '../../lab/evaluation/evaluation.ts';
import { type Model, windowSamplesOf } from '../../model/model.ts';
import { bestClass } from '../../model/scores.ts';

/** Integer scores of each window of an evaluation, as other programs are checked against them. */
export class WindowScores {
  readonly #model: Model;
  readonly #folder: string;
  readonly #scores = new Map<Clip, readonly Int32Array[]>();

  constructor(model: Model, folder: string) {
    this.#model = model;
    this.#folder = folder;
  }

  /** Makes the folder, so that a wrong one is refused before the evaluation. */
  start(): Promise<void> {
    return makeFolder(this.#folder);
  }

  /** Takes the scores of a clip's windows, one row each. */
  add(clip: Clip, scores: readonly Int32Array[]): void {
    this.#scores.set(clip, scores);
  }

  /**
   * Writes `windows.raw` (int16, little-endian), `scores.txt` (what the exported C prints of it) and `windows.csv`
   * (where each window comes from), clip after clip.
   */
  async write(clips: readonly Clip[]): Promise<void> {
    const folder = this.#folder;
    await this.#writeWindows(join(folder, 'windows.raw'), clips);
    const lines = clips.flatMap((clip) => this.#of(clip).map((scores) => this.#line(scores)));
    await writeWhole(join(folder, 'scores.txt'), text(lines));
    const { labels } = this.#model.metadata;
    const header = ['clip', 'fold', 'class', 'offset', ...labels];
    await writeWhole(join(folder, 'windows.csv'), text([row(header), ...this.#rows(clips)]));
    const places = 'in windows.raw, their scores in scores.txt, where each begins in windows.csv';
    console.error(`${folder}: ${lines.length} windows ${places}`);
  }

  /** One clip's windows are in memory at a time: a data set's are ten times its clips. */
  async #writeWindows(path: string, clips: readonly Clip[]): Promise<void> {
    const file = await open(path, 'w');
    try {
      for (const clip of clips) {
        for (const { buffer } of testWindows(clip.samples, this.#windowSamples)) {
          await file.writeFile(new Uint8Array(buffer));
        }
      }
    } finally {
      await file.close();
    }
  }

  #line(scores: Int32Array): string {
    return `${this.#model.metadata.labels[bestClass(scores)] ?? ''} ${scores.join(' ')}`;
  }

  #rows(clips: readonly Clip[]): readonly string[] {
    const { labels } = this.#model.metadata;
    return clips.flatMap((clip) => {
      const offsets = testOffsets(clip.samples.length, this.#windowSamples);
      return this.#of(clip).map((scores, i) =>
        row([clip.name, clip.fold, labels[clip.label] ?? '', offsets[i] ?? 0, ...scores]),
      );
    });
  }

  get #windowSamples(): number {
    return windowSamplesOf(this.#model);
  }

  #of(clip: Clip): readonly Int32Array[] {
    const scores = this.#scores.get(clip);
    if (scores === undefined) throw new Error(`${clip.name} was not evaluated`);
    return scores;
  }
}

const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`;

/** A row of CSV (RFC 4180). */
const row = (cells: readonly (string | number)[]): string =>
  cells
    .map((cell) => (/[",\n\r]/.test(`${cell}`) ? `"${`${cell}`.replaceAll('"', '""')}"` : cell))
    .join(',');
