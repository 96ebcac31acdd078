import type { Counted } from './publish-metrics.ts';

const share = (part: number, of: number, what = ''): string =>
  `${part} of ${of}${what} (${Math.round((100 * part) / of)} %)`;

/** What a run has come to, for the person who ends it: a line for each thing that there is something to say of. */
export function summaryLines({
  metrics,
  comparer,
  boards,
  publisher,
  outbox,
}: Counted): readonly string[] {
  const rows: (readonly [string, string])[] = [];
  for (const { pair, windows, agreed } of comparer.totals) {
    rows.push(['agreement', `${pair.join(' and ')}: ${share(agreed, windows, ' windows')}`]);
  }
  const found = [...metrics.detections].map(([name, times]) => `${name} ${times}`).join(', ');
  rows.push(['detected', found === '' ? 'nothing' : found]);
  const { windows: right } = metrics.accuracy();
  for (const [network, { median, p95 }] of Object.entries(metrics.latency())) {
    const score = Object.entries(right).find(([name]) => name === network)?.[1];
    const correct =
      score === undefined ? '' : `; ${share(score.correct, score.of, ' windows')} right`;
    rows.push([
      network,
      `${median.toFixed(1)} ms a window, 95 % within ${p95.toFixed(1)} ms${correct}`,
    ]);
  }
  for (const { name, windows, compared: checked, same, dropped } of boards.totals) {
    const integers = checked === 0 ? '' : `, ${same} of ${checked} with the gateway's integers`;
    rows.push([name, `${windows} windows${integers}; it had no time for ${dropped}`]);
  }
  const { sent, refused } = publisher.counters;
  const { waiting, dropped } = outbox.state;
  rows.push([
    'messages',
    `${sent} sent, ${waiting} waiting, ${dropped} dropped, ${refused} refused`,
  ]);
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`);
}

/** The same as values, for programs. */
export function summaryFacts({ metrics, comparer, boards, publisher, outbox }: Counted) {
  const { sent, refused } = publisher.counters;
  const { waiting, dropped } = outbox.state;
  return {
    windows: metrics.windows,
    agreement: comparer.totals,
    detections: Object.fromEntries(metrics.detections),
    latency: metrics.latency(),
    accuracy: metrics.accuracy(),
    boards: boards.totals,
    messages: { sent, waiting, dropped, refused },
  };
}
