import { printable } from '../../../protocol/printable.ts';
import { classesOf } from '../../run/network.ts';
import type { Comparison, NetworkResult, WindowResult } from '../../run/window-result.ts';
import type { Paint, Tone } from '../terminal/colour.ts';
import { type Column, fitting, padTo, widthOf } from '../terminal/width.ts';

interface Cell extends Column {
  readonly text: string;
  readonly tone?: Tone | undefined;
}

/** The higher, the sooner it goes where the terminal is narrow. */
const RANK = { verdict: 0, agree: 1, stamp: 2, latency: 3, clip: 4 } as const;
/** Columns of a label: what most classes need, and where a longer one is cut because there is no room. */
const LABEL = { longest: 20, usual: 8, least: 10 } as const;
/** Of "100 %". */
const PERCENT = 5;
const GAP = 2;

/** Windows in columns, which stay where they are from line to line. */
export class WindowTable {
  readonly #paint: Paint;
  #longest: number = LABEL.usual;

  constructor(paint: Paint) {
    this.#paint = paint;
  }

  /** The lines of a window: one where its networks have room in it, and one more for a detection. */
  lines(result: WindowResult, stamp: string, columns: number): readonly string[] {
    const time: Cell = { text: stamp, width: 8, rank: RANK.stamp, tone: 'quiet' };
    const lines = this.#rows(result, time, columns).map((row) => this.#joined(row, columns));
    const { detection } = result;
    if (detection === undefined) return lines;
    const found = `DETECTED ${printable(detection.class)}`;
    const painted = this.#paint('strong', this.#paint('good', found));
    return [...lines, `${this.#joined([time], columns)}  ${painted}`];
  }

  #rows(result: WindowResult, time: Cell, columns: number): readonly (readonly Cell[])[] {
    const { results, comparisons, window } = result;
    const agrees = comparisons.map((comparison) => agreeCell(comparison, result));
    const label = this.#labelWidth(results, agrees, columns);
    const verdicts = results.map((each) => verdictCell(each, label, comparisons));
    if (taken(verdicts) > columns) return inRows([...verdicts, ...agrees], columns);
    const timed = results.flatMap((each, i) => [verdicts[i] ?? [], latencyCell(each)].flat());
    // All latencies or none: one alone looks as if the others had taken no time.
    const networks = taken([time, ...timed, ...agrees]) > columns ? verdicts : timed;
    const truth = window.clip?.label;
    const clip: readonly Cell[] =
      truth === undefined
        ? []
        : [{ text: `clip: ${truth}`, width: label + 6, rank: RANK.clip, tone: 'quiet' }];
    return [fitting([time, ...networks, ...agrees, ...clip], columns)];
  }

  /** As wide as the longest label, but that all networks and what they agree on fit, if cutting labels a little does it. */
  #labelWidth(results: readonly NetworkResult[], agrees: readonly Cell[], columns: number): number {
    const labels = results.flatMap(({ network }) => classesOf(network).map(widthOf));
    this.#longest = Math.min(LABEL.longest, Math.max(this.#longest, ...labels));
    const others = results.map(({ network }) => ({ width: network.name.length + PERCENT + 2 }));
    const room = Math.floor((columns - taken([...others, ...agrees])) / results.length);
    return Math.min(this.#longest, Math.max(LABEL.least, room));
  }

  #joined(cells: readonly Cell[], columns: number): string {
    return cells
      .map(({ text, width, tone }) => {
        const padded = padTo(printable(text), Math.min(width, columns));
        return tone === undefined ? padded : this.#paint(tone, padded);
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  }
}

function taken(cells: readonly { readonly width: number }[]): number {
  return cells.reduce((sum, { width }) => sum + width + GAP, -GAP);
}

/** As many cells to a row as fit, one below the other. */
function inRows(cells: readonly Cell[], columns: number): readonly (readonly Cell[])[] {
  const width = Math.max(...cells.map((cell) => cell.width));
  const perRow = Math.max(1, Math.floor((columns + GAP) / (width + GAP)));
  const even = cells.map((cell) => ({ ...cell, width }));
  const rows = Math.ceil(even.length / perRow);
  return Array.from({ length: rows }, (_, i) => even.slice(i * perRow, (i + 1) * perRow));
}

function verdictCell(
  { network, classification }: NetworkResult,
  label: number,
  comparisons: readonly Comparison[],
): Cell {
  const { name } = network;
  const share = classification.probabilities[classification.class] ?? 0;
  const percent = `${Math.round(100 * share)} %`.padStart(PERCENT);
  const differs = comparisons.some(({ pair, agree }) => !agree && pair.includes(name));
  return {
    text: `${name} ${padTo(printable(classification.label), label)} ${percent}`,
    width: name.length + label + PERCENT + 2,
    rank: RANK.verdict,
    tone: differs ? 'notice' : undefined,
  };
}

function latencyCell({ verdict }: NetworkResult): Cell {
  const text = `${verdict.latency.value.toFixed(1)} ms`.padStart(7);
  return { text, width: 7, rank: RANK.latency, tone: 'quiet' };
}

/** Whether a pair agrees; which pair, where there are other networks beside it. */
function agreeCell({ pair, agree }: Comparison, { results }: WindowResult): Cell {
  const tone = agree ? 'good' : 'notice';
  const words = agree ? 'agree' : 'DISAGREE';
  const text = results.length === 2 ? words : pair.join(agree ? '=' : '≠');
  const width = results.length === 2 ? 8 : widthOf(text);
  return { text, width, rank: RANK.agree, tone };
}
