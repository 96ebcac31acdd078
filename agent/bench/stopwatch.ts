import type { BoardFile } from '../boards/board-file.ts';

/** Samples of SysTick by firmware/bench/stopwatch.c: SysTick's value, and the sum of what it counted over the samples. */
export interface TimerSamples {
  readonly first: number;
  readonly sum: number;
}

export interface Mark {
  readonly before: TimerSamples;
  /** Instructions since the start, to within one step of SysTick. */
  readonly ticks: number;
  readonly after: TimerSamples;
}

/** SysTick has 24 bits. */
const ROUND = 2 ** 24;

/** The marks that an emulated program has printed, in order. */
export function parseMarks(output: string): readonly Mark[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('mark '))
    .map((line) => {
      const [first = 0, sum = 0, ticks = 0, first2 = 0, sum2 = 0] = line
        .trim()
        .split(' ')
        .slice(1)
        .map(Number);
      return { before: { first, sum }, ticks, after: { first: first2, sum: sum2 } };
    });
}

/**
 * Instructions between consecutive marks, exactly, less what taking a mark costs: the first two marks have nothing
 * between them. The result has two entries fewer than there are marks.
 *
 * With P/Q instructions a step, P samples that are P + 1 instructions apart read floor((a + Q k) / P) + Q k for k from
 * 0 to P - 1 where a is Q times the instruction of the first, and the sum of floor((a + Q k) / P) over k is a plus a
 * constant when P and Q have no common divisor (Hermite's identity).
 */
export function instructionsBetween(
  marks: readonly Mark[],
  tick: BoardFile['tick'],
): readonly number[] {
  const { multiplier: p, divisor: q } = tick;
  const at = ({ first, sum }: TimerSamples, ticks: number): number => {
    const phase = p * (ROUND - first) + sum;
    const rounds = Math.round((ticks * q - phase) / (p * ROUND));
    return phase + rounds * p * ROUND;
  };
  const spans = marks.slice(1).map((mark, i) => {
    const previous = marks[i] ?? mark;
    return (at(mark.before, mark.ticks) - at(previous.after, previous.ticks)) / q;
  });
  const [empty = 0, ...rest] = spans;
  return rest.map((span) => span - empty);
}
