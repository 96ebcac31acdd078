import { type Html, html } from './html.ts';

const WIDTH = 720;
const HEIGHT = 240;
const MARGIN = 44;
/** Points are drawn as dots too where they are this few: a single one makes no line. */
const DOTS = 40;

export interface Curve {
  readonly name: string;
  /** Class of its colour in the page's style. */
  readonly colour: 'loss' | 'mixtures' | 'clips' | 'windows';
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** Curves over epochs as SVG; `top` is the largest value of the axis. */
export function chart(curves: readonly Curve[], top: number, epochs: number): Html {
  const last = Math.max(1, epochs);
  const x = (epoch: number): string => (MARGIN + ((WIDTH - 2 * MARGIN) * epoch) / last).toFixed(1);
  const y = (value: number): string =>
    (HEIGHT - MARGIN - ((HEIGHT - 2 * MARGIN) * Math.min(value, top)) / top).toFixed(1);
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = y(share * top);
    return html`<line class="grid" x1="${MARGIN}" x2="${WIDTH - MARGIN}" y1="${at}" y2="${at}"/>
<text x="4" y="${at}">${(share * top).toFixed(2)}</text>`;
  });
  const lines = curves.map(({ colour, points, name }, i) => {
    const path = points.map(([e, v]) => `${x(e)},${y(v)}`).join(' ');
    const few = points.length <= DOTS ? points : [];
    const dots = few.map(
      ([e, v]) => html`<circle class="${colour}" cx="${x(e)}" cy="${y(v)}" r="2.5"/>`,
    );
    return html`<polyline class="${colour}" points="${path}"/>${dots}
<text class="${colour}" x="${MARGIN}" y="${14 + 14 * i}">${name}</text>`;
  });
  const title = curves.map((c) => c.name).join('; ');
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">
${grid}
${lines}
<text x="${WIDTH - MARGIN}" y="${HEIGHT - 20}" text-anchor="end">epoch ${last}</text></svg>`;
}
