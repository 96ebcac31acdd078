const graphemes = new Intl.Segmenter();
/** What takes two columns of a terminal: CJK, its full-width forms, and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** Columns of a terminal that a text takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}

/** The text in at most so many columns; an ellipsis stands for what was cut off. */
export function cutTo(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let cut = '';
  for (const { segment } of graphemes.segment(text)) {
    if (widthOf(cut + segment) > columns - 1) break;
    cut += segment;
  }
  return columns < 1 ? '' : `${cut}…`;
}

/** The text in exactly so many columns. */
export function padTo(text: string, columns: number): string {
  const cut = cutTo(text, columns);
  return cut + ' '.repeat(columns - widthOf(cut));
}

export interface Column {
  readonly width: number;
  /** What goes first where there is not room for all: the highest. */
  readonly rank: number;
}

const GAP = 2;

/** The columns that fit, two blanks between them; one alone always does. Lines of one table choose alike, so they align. */
export function fitting<C extends Column>(columns: readonly C[], available: number): readonly C[] {
  const kept = [...columns];
  const taken = () => kept.reduce((sum, { width }) => sum + width + GAP, -GAP);
  while (kept.length > 1 && taken() > available) {
    const last = kept.reduce((worst, column) => (column.rank >= worst.rank ? column : worst));
    kept.splice(kept.indexOf(last), 1);
  }
  return kept;
}

/** The text in lines of at most so many columns, broken between words, the second and later ones indented. */
export function wrapTo(text: string, columns: number, indent: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  // Blanks that stand together, as in a column, stay.
  for (const word of text.split(/ (?=\S)/)) {
    const room = columns - (lines.length === 0 ? 0 : indent);
    const longer = line === '' ? word : `${line} ${word}`;
    if (line === '' || widthOf(longer) <= room) {
      line = longer;
      continue;
    }
    lines.push(line);
    line = word;
  }
  const margin = ' '.repeat(indent);
  return [...lines, line].map((each, i) => (i === 0 ? each : margin + each));
}
