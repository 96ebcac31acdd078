// Draws what a terminal shows, colours included, as SVG: `node docs/pictures/terminal.mjs 1-16 36-50 < capture > picture.svg` draws
// these lines, all without a range.
// A capture is what `script -qec "<command>" capture` writes. docs/pictures/make takes one and draws it.
import { readFileSync } from 'node:fs';

const WIDTH = 8.4;
const HEIGHT = 19;
const MARGIN = 16;
const COLOURS = [
  '#5c6773',
  '#f07178',
  '#a6d189',
  '#e5c07b',
  '#7aa2f7',
  '#c099ff',
  '#7dcfff',
  '#c8d0da',
];
const PLAIN = '#dfe5ec';
const ESCAPE = String.fromCharCode(27);

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** The style after a sequence of "select graphic rendition" numbers. */
function restyle(style, codes) {
  const next = { ...style };
  for (const code of codes) {
    if (code === 0) Object.assign(next, { fill: PLAIN, bold: false, dim: false });
    else if (code === 1) next.bold = true;
    else if (code === 2) next.dim = true;
    else if (code === 22) Object.assign(next, { bold: false, dim: false });
    else if (code === 39) next.fill = PLAIN;
    else if (code >= 30 && code <= 37) next.fill = COLOURS[code - 30];
    else if (code >= 90 && code <= 97) next.fill = COLOURS[code - 90];
  }
  return next;
}

/** A line's pieces of one style, and how many characters it has. */
function piecesOf(line) {
  const pieces = [];
  let style = { fill: PLAIN, bold: false, dim: false };
  let length = 0;
  // What a later carriage return writes over is not seen.
  const seen = line.replace(/\r+$/, '').split('\r').at(-1) ?? '';
  for (const part of seen.split(new RegExp(`(${ESCAPE}\\[[0-9;?]*[A-Za-z])`))) {
    if (part.startsWith(ESCAPE)) {
      if (part.endsWith('m')) style = restyle(style, part.slice(2, -1).split(';').map(Number));
    } else if (part !== '') {
      pieces.push({ text: part, at: length, ...style });
      length += [...part].length;
    }
  }
  return { pieces, length };
}

/** The lines that stay: those that were written again in place are there once, as they were last. */
function linesThatStay(capture) {
  const stay = [''];
  for (const part of capture.split(new RegExp(`(${ESCAPE}\\[\\d+A${ESCAPE}\\[J|\n)`))) {
    const [, up] = /\[(\d+)A/.exec(part) ?? [];
    if (up !== undefined) stay.splice(-1 - Number(up), Number(up) + 1, '');
    else if (part === '\n') stay.push('');
    else stay.push(`${stay.pop()}${part}`);
  }
  return stay;
}

const all = linesThatStay(readFileSync(0, 'utf8')).filter((line) => !line.startsWith('Script '));
const ranges = process.argv.slice(2).map((range) => range.split('-').map(Number));
const parts = (ranges.length > 0 ? ranges : [[1, all.length]]).map(([from, to]) =>
  all.slice(from - 1, to),
);
const lines = parts.flatMap((part, i) => (i === 0 ? part : ['...', ...part])).map(piecesOf);
while (lines.at(-1)?.length === 0) lines.pop();
const width = Math.ceil(2 * MARGIN + WIDTH * Math.max(...lines.map(({ length }) => length)));
const height = 2 * MARGIN + HEIGHT * lines.length;
const rows = lines.flatMap(({ pieces }, row) =>
  pieces
    .filter(({ text }) => text.trim() !== '')
    .map(({ text, at, fill, bold, dim }) => {
      const lead = text.length - text.trimStart().length;
      const shown = text.trim();
      const place = `x="${(MARGIN + WIDTH * (at + lead)).toFixed(1)}" y="${MARGIN + HEIGHT * row + 14}"`;
      const look = `fill="${fill}"${bold ? ' font-weight="700"' : ''}${dim ? ' opacity="0.65"' : ''}`;
      // The length is fixed, so that columns stand whatever font a machine has.
      const fit = `textLength="${(WIDTH * [...shown].length).toFixed(1)}" lengthAdjust="spacingAndGlyphs"`;
      return `<text ${place} ${look} ${fit} xml:space="preserve">${escaped(shown)}</text>`;
    }),
);
console.log(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>What a terminal shows while otolith runs</title>
<rect width="${width}" height="${height}" rx="10" fill="#1b222c"/>
<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14">
${rows.join('\n')}
</g>
</svg>`);
