/**
 * What must not reach a terminal, a log or a table from outside: controls (Cc, with newline and escape), separators of
 * lines (Zl, Zp), halves of surrogate pairs (Cs), and the marks that turn the direction of writing.
 */
export const UNSAFE =
  '\\p{Cc}\\p{Zl}\\p{Zp}\\p{Cs}\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069\\ufeff';
const UNSAFE_ALL = new RegExp(`[${UNSAFE}]`, 'gu');

/** The same text, safe to print: what is unsafe is written out as in JSON, `\u001b`. */
export function printable(text: string): string {
  return text.replaceAll(UNSAFE_ALL, (char) => {
    const code = char.codePointAt(0) ?? 0;
    return `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** The same for text of several lines, whose newlines and tabs are its own; valid JSON stays what it says. */
export function printableLines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.split('\t').map(printable).join('\t'))
    .join('\n');
}
