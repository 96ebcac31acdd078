import type { Comparison, WindowResult } from './window-result.ts';

/** Whether a pair agrees; which pair, where it is not all that there is. */
function comparisonText({ pair, agree }: Comparison, { results }: WindowResult): string {
  const text = agree ? 'agree' : 'DISAGREE';
  return results.length === 2 ? text : `${pair.join(' and ')} ${text}`;
}

/** One line for a person: what each network says, in what time, and what came of it. */
export function lineOf(result: WindowResult): string {
  const { results, comparisons, window, detection } = result;
  const each = results.map(({ network, classification, verdict }) => {
    const percent = Math.round(100 * (classification.probabilities[classification.class] ?? 0));
    const ms = verdict.latency.value.toFixed(1);
    return `${network.name} ${classification.label} ${percent} % (${ms} ms)`;
  });
  const compared = comparisons.map((comparison) => comparisonText(comparison, result));
  const truth = window.clip?.label === undefined ? [] : [`[clip: ${window.clip.label}]`];
  const found = detection === undefined ? [] : [`DETECTED ${detection.class}`];
  return [...each, ...compared, ...truth, ...found].join('  ');
}
