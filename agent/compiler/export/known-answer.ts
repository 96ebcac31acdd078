import { Random, randomSamples } from '../../base/random.ts';
import { type Model, windowSamplesOf } from '../../model/model.ts';
import { runReference } from '../../model/reference.ts';
import type { ExportContext } from './context.ts';

/** Windows of the test; the last one is nothing but extremes. firmware/export/known_answer.c makes the same samples. */
const WINDOWS = 3;

function knownWindow(index: number, count: number): Int16Array {
  const random = new Random(index + 1);
  if (index + 1 < WINDOWS) return randomSamples(random, count);
  return Int16Array.from({ length: count }, () => random.pick([-32768, 32767, 0]));
}

/** Scores of the test's windows by the reference interpreter. */
function knownScores(model: Model): readonly (readonly number[])[] {
  const count = windowSamplesOf(model);
  return Array.from({ length: WINDOWS }, (_, index) => [
    ...runReference(model, knownWindow(index, count)).scores,
  ]);
}

/** `test/known_scores.h` */
export function knownScoresHeader({ model, macro }: ExportContext): string {
  const rows = knownScores(model).map((scores) => `    {${scores.map(cNumber).join(', ')}},`);
  return [
    "/* Scores of the known-answer test's windows, by otolith's reference interpreter. */",
    `#define KNOWN_WINDOWS ${WINDOWS}u`,
    '',
    `static const int32_t known_scores[KNOWN_WINDOWS][${macro}_CLASSES] = {`,
    ...rows,
    '};',
    '',
  ].join('\n');
}

const cNumber = (value: number): string => (value === -(2 ** 31) ? 'INT32_MIN' : `${value}`);
