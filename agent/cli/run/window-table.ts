import { printable } from '../../../protocol/printable.ts';
import type { Heard, Judged } from '../../run/classifier.ts';
import type { Paint, Tone } from '../terminal/colour.ts';
import { type Column, fitting, padTo, widthOf } from '../terminal/width.ts';

interface Cell extends Column {
  readonly text: string;
  readonly tone?: Tone | undefined;
}

/** The higher, the sooner it goes where the terminal is narrow. */
const RANK = { verdict: 0, agree: 1, stamp: 2, latency: 3, clip: 4 } as const;
/** Nothing that a network is likely to call a sound is longer. */
const LONGEST_LABEL = 20;

/** Windows in columns, which stay where they are from line to line. */
export class WindowTable {
  readonly #paint: Paint;
  #label = 8;

  constructor(paint: Paint) {
    this.#paint = paint;
  }

  /** The line of a window, and one of its own for a detection. */
  lines(heard: Heard, stamp: string, columns: number): readonly string[] {
    const { judged, agreement, window, detection } = heard;
    const labels = [...judged.values()].flatMap(({ classes }) => classes.map(widthOf));
    this.#label = Math.min(LONGEST_LABEL, Math.max(this.#label, ...labels));
    const time: Cell = { text: stamp, width: 8, rank: RANK.stamp, tone: 'quiet' };
    const agrees: readonly Cell[] =
      agreement === undefined
        ? []
        : [
            agreement.agree
              ? { text: 'agree', width: 8, rank: RANK.agree, tone: 'good' }
              : { text: 'DISAGREE', width: 8, rank: RANK.agree, tone: 'notice' },
          ];
    const { label } = window.clip ?? {};
    const clip: readonly Cell[] =
      label === undefined
        ? []
        : [{ text: `clip: ${label}`, width: this.#label + 6, rank: RANK.clip, tone: 'quiet' }];
    const cells = [time, ...[...judged.values()].flatMap((each) => this.#cells(each))];
    const line = this.#joined(fitting([...cells, ...agrees, ...clip], columns), columns);
    if (detection === undefined) return [line];
    const found = `DETECTED ${printable(detection.class)}`;
    return [
      line,
      `${this.#joined([time], columns)}  ${this.#paint('strong', this.#paint('good', found))}`,
    ];
  }

  #cells({ kind, classification, verdict }: Judged): readonly Cell[] {
    const percent = `${Math.round(100 * (classification.probabilities[classification.class] ?? 0))} %`;
    const text = `${kind} ${padTo(printable(classification.label), this.#label)} ${percent.padStart(5)}`;
    const ms = `${verdict.latency.value.toFixed(1)} ms`.padStart(7);
    return [
      { text, width: kind.length + this.#label + 7, rank: RANK.verdict },
      { text: ms, width: 7, rank: RANK.latency, tone: 'quiet' },
    ];
  }

  #joined(cells: readonly Cell[], columns: number): string {
    return cells
      .map(({ text, width, tone }) => {
        const padded = padTo(printable(text), Math.min(width, columns));
        return tone === undefined ? padded : this.#paint(tone, padded);
      })
      .join('  ')
      .trimEnd();
  }
}
