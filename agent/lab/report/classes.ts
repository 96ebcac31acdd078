import type { Evaluation } from '../evaluation/evaluation.ts';
import { type Html, html } from './html.ts';

const percent = (share: number): string => (100 * share).toFixed(1);

/** How each class fared: how much of it was recognised, how much of what was called so was it, and what it was taken for. */
export function classTable(labels: readonly string[], { confusion }: Evaluation): Html {
  const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);
  const rows = labels.map((label, c) => {
    const row = confusion[c] ?? [];
    const right = row[c] ?? 0;
    const given = sum(confusion.map((r) => r[c] ?? 0));
    return html`<tr><th scope="row">${label}</th><td>${sum(row)}</td><td>${right}</td>
<td>${share(right, sum(row))}</td><td>${share(right, given)}</td><td class="text">${takenFor(labels, row, c)}</td></tr>`;
  });
  return html`<table><thead><tr><th scope="col">class</th><th scope="col">clips</th>
<th scope="col">right</th><th scope="col">recall %</th><th scope="col">precision %</th>
<th scope="col" class="text">most taken for</th></tr></thead><tbody>${rows}</tbody></table>`;
}

function share(part: number, whole: number): string {
  return whole === 0 ? '–' : percent(part / whole);
}

function takenFor(labels: readonly string[], row: readonly number[], own: number): string {
  const others = row.map((count, c) => (c === own ? 0 : count));
  const most = Math.max(0, ...others);
  return most === 0 ? '' : `${labels[others.indexOf(most)] ?? ''} (${most})`;
}

/** True classes down, given ones across; a cell's shade is its share of the row. */
export function confusionTable(labels: readonly string[], { confusion }: Evaluation): Html {
  const heads = labels.map(
    (label) => html`<th scope="col" class="turned"><span>${label}</span></th>`,
  );
  const rows = labels.map((label, c) => {
    const row = confusion[c] ?? [];
    const total = Math.max(
      1,
      row.reduce((a, b) => a + b, 0),
    );
    const cells = labels.map((given, g) => {
      const count = row[g] ?? 0;
      const kind = g === c ? 'right' : 'wrong';
      const title = `${label} taken for ${given}: ${count}`;
      const depth = (count / total).toFixed(2);
      return html`<td class="${kind}" style="--share:${depth}" title="${title}">${count === 0 ? '·' : count}</td>`;
    });
    return html`<tr><th scope="row">${label}</th>${cells}</tr>`;
  });
  return html`<table class="confusion"><caption>rows: what a clip is; columns: what it was taken for</caption>
<thead><tr><th></th>${heads}</tr></thead><tbody>${rows}</tbody></table>`;
}
