import { costOf } from '../nets/cost.ts';
import type { Training } from './train/checkpoint.ts';

const WIDTH = 720;
const HEIGHT = 240;
const MARGIN = 44;

interface Curve {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** A training's curves as one HTML page with inline SVG: opens anywhere, needs nothing. */
export function trainingReport(training: Training): string {
  const { history, net, recipe, folds, heldOut } = training;
  const loss: Curve = {
    name: 'loss (KL divergence from the mixed labels, nats)',
    colour: '#b3412f',
    points: history.map((e) => [e.epoch, e.loss]),
  };
  const tested = history.flatMap((e) => (e.heldOut ? [{ epoch: e.epoch, ...e.heldOut }] : []));
  const shares: readonly Curve[] = [
    {
      name: 'mixtures whose louder class is given, in training',
      colour: '#8a8a8a',
      points: history.map((e) => [e.epoch, e.agreement]),
    },
    {
      name: 'fold held out, ten crops',
      colour: '#1f6f8b',
      points: tested.map((e) => [e.epoch, e.accuracy]),
    },
    {
      name: 'fold held out, single windows',
      colour: '#5aa469',
      points: tested.map((e) => [e.epoch, e.singleWindowAccuracy]),
    },
  ];
  const cost = costOf(net);
  const facts = [
    [
      'network',
      `${net.name}, ${cost.parameters} parameters, ${(cost.macs / 1e6).toFixed(1)} M MACs`,
    ],
    ['trained on folds', folds.join(', ')],
    ['held out', heldOut === undefined ? 'none' : `fold ${heldOut} (shown, never chosen by)`],
    ['epochs', `${training.epoch} of ${recipe.epochs}`],
    ['hours', (history.reduce((sum, e) => sum + e.seconds, 0) / 3600).toFixed(2)],
    ['recipe', JSON.stringify(recipe)],
    ['command', training.command ?? ''],
  ] as const;
  const rows = facts.map(([k, v]) => `<tr><th>${k}<td>${escapeHtml(v)}`).join('\n');
  return `<!doctype html>
<meta charset="utf-8">
<title>${escapeHtml(net.name)}</title>
<style>body{font:15px/1.5 system-ui,sans-serif;max-width:${WIDTH}px;margin:2em auto;padding:0 1em}
th{text-align:left;padding-right:1em;vertical-align:top}td{overflow-wrap:anywhere}svg{width:100%}
text{font:12px system-ui,sans-serif}</style>
<h1>${escapeHtml(net.name)}</h1>
<table>${rows}</table>
<h2>Loss</h2>
${chart([loss], Math.max(...history.map((e) => e.loss), 0.1))}
<h2>Accuracy</h2>
${chart(shares, 1)}
`;
}

function chart(curves: readonly Curve[], top: number): string {
  const last = Math.max(1, ...curves.flatMap((c) => c.points.map(([x]) => x)));
  const x = (epoch: number): number => MARGIN + ((WIDTH - 2 * MARGIN) * epoch) / last;
  const y = (value: number): number => HEIGHT - MARGIN - ((HEIGHT - 2 * MARGIN) * value) / top;
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = y(share * top).toFixed(1);
    return `<line x1="${MARGIN}" x2="${WIDTH - MARGIN}" y1="${at}" y2="${at}" stroke="#ddd"/>
<text x="4" y="${at}">${(share * top).toFixed(2)}</text>`;
  });
  const lines = curves.map((curve, i) => {
    const points = curve.points.map(([e, v]) => `${x(e).toFixed(1)},${y(v).toFixed(1)}`).join(' ');
    return `<polyline points="${points}" fill="none" stroke="${curve.colour}" stroke-width="1.5"/>
<text x="${MARGIN}" y="${14 + 14 * i}" fill="${curve.colour}">${escapeHtml(curve.name)}</text>`;
  });
  const axis = `<text x="${WIDTH - MARGIN}" y="${HEIGHT - 20}" text-anchor="end">${last} epochs</text>`;
  const title = escapeHtml(curves.map((c) => c.name).join('; '));
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">${[...grid, ...lines, axis].join('\n')}</svg>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
