import type { Payload } from '../../protocol/topics.ts';
import type { Publisher } from '../publish/publisher.ts';
import { precisionOf } from './network.ts';
import { rounded } from './rounded.ts';
import type { Comparison, NetworkResult, WindowResult } from './window-result.ts';

const TOP = 3;

/** The three likeliest classes. */
export function topOf(
  labels: readonly string[],
  probabilities: Float64Array,
): Payload<'classification/{network}'>['top'] {
  return labels
    .map((label, i) => ({ class: label, confidence: rounded(probabilities[i] ?? 0, 4) }))
    .toSorted((a, b) => b.confidence - a.confidence)
    .slice(0, TOP);
}

/** What every message about a window says. */
function headOf({ id, window }: WindowResult) {
  return { at: new Date(window.at).toISOString(), window: id };
}

function classificationOf(
  gateway: string,
  result: WindowResult,
  { network, classification, verdict }: NetworkResult,
): Payload<'classification/{network}'> {
  const { name, labels } = network.model.metadata;
  const { clip } = result.window;
  return {
    id: `${gateway}:${result.id}:classification:${network.name}`,
    ...headOf(result),
    network: network.name,
    model: name,
    precision: precisionOf(network),
    ...verdict,
    top: topOf(labels, classification.probabilities),
    ...(clip === undefined ? {} : { clip }),
  };
}

function comparisonOf(
  gateway: string,
  result: WindowResult,
  { pair, agree, share }: Comparison,
): Payload<'comparison'> {
  const compared = result.results.filter(({ network }) => pair.includes(network.name));
  const label = result.window.clip?.label;
  return {
    id: `${gateway}:${result.id}:comparison:${pair.join(':')}`,
    ...headOf(result),
    pair,
    agree,
    verdicts: Object.fromEntries(compared.map(({ network, verdict }) => [network.name, verdict])),
    ...(label === undefined ? {} : { label }),
    agreement: share,
  };
}

/** Hands everything about one window to the publisher; resolves when the outbox has accepted it. */
export async function publishWindow(
  publisher: Pick<Publisher, 'event'>,
  gateway: string,
  result: WindowResult,
): Promise<void> {
  const { id, results, comparisons, detection } = result;
  const accepted = [
    ...results.map((each) =>
      publisher.event('classification/{network}', classificationOf(gateway, result, each), {
        network: each.network.name,
      }),
    ),
    ...comparisons.map((each) =>
      publisher.event('comparison', comparisonOf(gateway, result, each)),
    ),
  ];
  if (detection !== undefined) {
    const payload = { id: `${gateway}:${id}:detection`, ...headOf(result), ...detection };
    accepted.push(publisher.event('detection', payload));
  }
  await Promise.all(accepted);
}
