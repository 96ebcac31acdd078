import type { Payload } from '../../protocol/topics.ts';
import type { Classification } from '../engine/compiled-model.ts';
import type { Publisher } from '../publish/publisher.ts';
import { type Heard, type Judged, rounded } from './classifier.ts';
import { type Networks, networkOf } from './networks.ts';

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

function classificationOf(
  gateway: string,
  heard: Heard,
  { kind, classification, verdict }: Judged,
  networks: Networks,
): Payload<'classification/{network}'> {
  const { metadata } = networkOf(networks, kind).model;
  return {
    id: `${gateway}:${heard.id}:${kind}`,
    at: new Date(heard.window.at).toISOString(),
    window: heard.id,
    network: kind,
    model: metadata.name,
    ...verdict,
    top: topOf(metadata.labels, classification.probabilities),
    ...(heard.window.clip === undefined ? {} : { clip: heard.window.clip }),
  };
}

/** Hands everything about one window to the publisher; resolves when the outbox has accepted it. */
export async function reportWindow(
  publisher: Publisher,
  gateway: string,
  heard: Heard,
  networks: Networks,
  network: Payload<'detection'>['network'],
): Promise<void> {
  const { id, judged, window, agreement, detection } = heard;
  const at = new Date(window.at).toISOString();
  const label = window.clip?.label;
  const accepted = [...judged.values()].map((each) =>
    publisher.event('classification/{network}', classificationOf(gateway, heard, each, networks), {
      network: each.kind,
    }),
  );
  const [int8, xnor] = [judged.get('int8'), judged.get('xnor')];
  if (agreement !== undefined && int8 !== undefined && xnor !== undefined) {
    accepted.push(
      publisher.event('comparison', {
        id: `${gateway}:${id}:comparison`,
        at,
        window: id,
        agree: agreement.agree,
        int8: int8.verdict,
        xnor: xnor.verdict,
        ...(label === undefined ? {} : { label }),
        agreement: agreement.share,
      }),
    );
  }
  if (detection !== undefined) {
    const { class: name, confidence, windows } = detection;
    const payload = { id: `${gateway}:${id}:detection`, at, window: id, network, windows };
    accepted.push(publisher.event('detection', { ...payload, class: name, confidence }));
  }
  await Promise.all(accepted);
}

function says({ label, probabilities, class: at }: Classification): string {
  return `${label} ${Math.round(100 * (probabilities[at] ?? 0))} %`;
}

/** One line for a person: what was heard, by which network, in what time. */
export function lineOf({ judged, agreement, window, detection }: Heard): string {
  const each = [...judged.values()].map(({ kind, classification, verdict }) => {
    return `${kind} ${says(classification)} (${verdict.latency.value.toFixed(1)} ms)`;
  });
  const compared = agreement === undefined ? [] : [agreement.agree ? 'agree' : 'DISAGREE'];
  const truth = window.clip?.label === undefined ? [] : [`[clip: ${window.clip.label}]`];
  const found = detection === undefined ? [] : [`DETECTED ${detection.class}`];
  return [...each, ...compared, ...truth, ...found].join('  ');
}
