// Draws overview.svg: what runs where, and what goes between. `node docs/pictures/overview.mjs > docs/pictures/overview.svg`
const INK = '#1f2933';
const SOFT = '#52606d';
const FONT = 'font-family="Helvetica, Arial, sans-serif"';
const parts = [];

function text(x, y, words, { size = 14, weight = 400, fill = INK, anchor = 'middle' } = {}) {
  parts.push(
    `<text x="${x}" y="${y}" ${FONT} font-size="${size}" font-weight="${weight}" fill="${fill}" text-anchor="${anchor}">${words}</text>`,
  );
}

/** A box with a heading and lines below it. */
function box(x, y, width, height, fill, heading, lines = []) {
  parts.push(
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="8" fill="${fill}" stroke="${INK}" stroke-width="1.2"/>`,
  );
  text(x + width / 2, y + 22, heading, { weight: 600 });
  for (const [at, line] of lines.entries())
    text(x + width / 2, y + 41 + 17 * at, line, { size: 12, fill: SOFT });
}

/** An arrow along points, with words at a place of their own. */
function arrow(points, words = '', [x, y] = [0, 0]) {
  const line = points.map((point) => point.join(',')).join(' ');
  parts.push(
    `<polyline points="${line}" fill="none" stroke="${INK}" stroke-width="1.6" marker-end="url(#tip)"/>`,
  );
  for (const [at, part] of words.split('|').entries())
    text(x, y + 15 * at, part, { size: 12, fill: SOFT });
}

// The gateway, and what is in it.
parts.push(
  `<rect x="190" y="46" width="390" height="330" rx="12" fill="#f0f4f8" stroke="${INK}" stroke-width="1.2"/>`,
);
text(385, 72, 'Gateway: Raspberry Pi or PC', { size: 16, weight: 600 });
box(215, 92, 340, 50, '#ffffff', 'Windows of 1.51 s, one each second', ['20 kHz, 16-bit samples']);
box(215, 172, 160, 68, '#d9e8fb', 'int8 networks', ['on waveform and', 'on a spectrogram']);
box(395, 172, 160, 68, '#dff3e3', 'XNOR network', ['1-bit weights,', 'same spectrogram']);
box(215, 272, 340, 70, '#ffffff', 'Compared, then decided', [
  'two windows in a row, 60 % sure: a detection',
  'kept on disk until the broker has it',
]);
arrow([
  [295, 142],
  [295, 168],
]);
arrow([
  [475, 142],
  [475, 168],
]);
arrow([
  [295, 240],
  [295, 268],
]);
arrow([
  [475, 240],
  [475, 268],
]);

// What it hears.
box(20, 92, 120, 50, '#fff7df', 'Microphone', ['or recorded clips']);
arrow([
  [140, 117],
  [211, 117],
]);

// The boards.
box(710, 92, 170, 130, '#fbe7d9', 'Cortex-M boards', [
  'the same network,',
  'the same integers:',
  'emulated M4, M7,',
  'M33 and M55',
]);
arrow(
  [
    [555, 108],
    [706, 108],
  ],
  'the same window',
  [645, 100],
);
arrow(
  [
    [580, 155],
    [706, 155],
  ],
  'signed firmware',
  [645, 147],
);
arrow(
  [
    [706, 205],
    [584, 205],
  ],
  'scores: the same?',
  [645, 197],
);

// The broker and its readers.
box(710, 272, 170, 80, '#efe5fb', 'MQTT broker', ['Home Assistant,', 'Telegraf, your programs']);
arrow(
  [
    [555, 312],
    [706, 312],
  ],
  'detections',
  [645, 304],
);

console.log(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 396" width="900" height="396" role="img">
<title>A microphone feeds the gateway; its networks run side by side, and two are compared; boards compute the same; detections go to an MQTT broker.</title>
<defs><marker id="tip" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0 10 5 0 10z" fill="${INK}"/></marker></defs>
<rect width="900" height="396" rx="10" fill="#ffffff"/>
${parts.join('\n')}
</svg>`);
