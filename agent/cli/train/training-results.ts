import { join } from 'node:path';
import { printable } from '../../../protocol/printable.ts';
import { type Evaluation, pooled } from '../../lab/evaluation/evaluation.ts';
import { readCheckpoint, type Training } from '../../lab/train/checkpoint.ts';
import { type FoldChoice, foldDir } from '../../lab/train/queue.ts';
import { resultOf } from '../../lab/train/result.ts';
import { isBinary } from '../../nets/traits.ts';
import { shellWord } from '../shell-word.ts';

const percent = (share: number): string => (100 * share).toFixed(1);

/** An accuracy in words, with its interval. */
export function accuracyWords(e: Evaluation): string {
  const [low, high] = e.interval;
  return (
    `${e.correct} of ${e.clips} clips right = ${percent(e.accuracy)} % ` +
    `(95 % interval ${percent(low)} to ${percent(high)}, ten crops), ` +
    `${percent(e.singleWindowAccuracy)} % of single windows`
  );
}

/** What came of one training: its accuracy on what it left out, and where it is. */
export function resultLines(dir: string, training: Training): readonly string[] {
  const result = resultOf(training);
  return [
    result === undefined
      ? 'accuracy on unseen clips: not known, since none was left out (--folds 1,2,3,4,5 leaves each out once)'
      : `accuracy on the clips left out: ${accuracyWords(result)}, as a float network`,
    `written: ${join(dir, 'network.safetensors')}, curves and tables in ${join(dir, 'report.html')}`,
  ];
}

/** What came of several folds together. */
export async function pooledLines(
  out: string,
  folds: readonly FoldChoice[],
): Promise<readonly string[]> {
  const lines: string[] = [];
  const results: Evaluation[] = [];
  for (const fold of folds) {
    const dir = join(out, foldDir(fold));
    const { training } = await readCheckpoint(join(dir, 'network.safetensors'));
    const result = resultOf(training);
    if (result === undefined) continue;
    lines.push(`${foldDir(fold)}: ${accuracyWords(result)}`);
    if (fold !== 'all') results.push(result);
  }
  if (results.length > 1) lines.push(`these folds together: ${accuracyWords(pooled(results))}`);
  return [...lines, `written: ${folds.map((f) => join(out, foldDir(f))).join(', ')}`];
}

/** The commands that come next, ready to be copied. */
export function nextLines(out: string, data: string, { net, recipe }: Training): readonly string[] {
  const [runs, from] = [shellWord(out), shellWord(data)];
  if (recipe.weights === 'real') {
    return [
      `next: otolith train --data ${from} --start ${runs} --out <folder of the second stage>`,
    ];
  }
  const binary = isBinary(net);
  const name = printable(shellWord(net.name));
  return [
    `next: otolith compress ${binary ? 'binarize' : 'quantize'} ${runs} --data ${from} --name ${name}`,
    `      otolith evaluate ${runs} --data ${from} --name ${name}`,
  ];
}
