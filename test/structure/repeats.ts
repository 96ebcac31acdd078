import type { SourceFile } from './sources.ts';

/** A run of lines that stands in two places; lines are counted from one, both ends included. */
export interface Repeat {
  readonly a: string;
  readonly b: string;
  /** Lines that count, see `substance`. */
  readonly lines: number;
}

interface Line {
  readonly text: string;
  readonly number: number;
}

const IMPORT = /^(import\b|\} from |export .* from |#include\b)/;
const COMMENT = /^(\/\/|\/?\*)/;

/** What counts as repeated: no empty lines, comments, imports and lines of punctuation alone; spaces are folded. */
function substance(lines: readonly string[]): readonly Line[] {
  return lines.flatMap((line, i) => {
    const text = line.trim().replaceAll(/\s+/g, ' ');
    const counts = /\w/.test(text) && !IMPORT.test(text) && !COMMENT.test(text);
    return counts ? [{ text, number: i + 1 }] : [];
  });
}

interface Place {
  readonly file: number;
  readonly at: number;
}

/** Every pair of places that share `least` lines or more, each pair once and as long as it goes. */
export function repeats(files: readonly SourceFile[], least: number): readonly Repeat[] {
  const texts = files.map(({ lines }) => substance(lines));
  const seen = new Map<string, Place[]>();
  const found: Repeat[] = [];
  const line = ({ file, at }: Place): string | undefined => texts[file]?.[at]?.text;
  const moved = ({ file, at }: Place, by: number): Place => ({ file, at: at + by });
  for (const [file, text] of texts.entries()) {
    for (let at = 0; at + least <= text.length; at++) {
      const window = text.slice(at, at + least).map((one) => one.text);
      const key = window.join('\n');
      const here = { file, at };
      for (const there of seen.get(key) ?? []) {
        const before = line(moved(there, -1));
        if (before !== undefined && before === line(moved(here, -1))) continue;
        if (there.file === file && at - there.at < least) continue;
        let length = least;
        const goesOn = (): boolean => {
          const next = line(moved(here, length));
          return next !== undefined && next === line(moved(there, length));
        };
        while (goesOn()) length++;
        found.push({ a: named(there, length), b: named(here, length), lines: length });
      }
      seen.set(key, [...(seen.get(key) ?? []), here]);
    }
  }
  return found.toSorted((a, b) => b.lines - a.lines);

  function named({ file, at }: Place, length: number): string {
    const text = texts[file] ?? [];
    return `${files[file]?.path}:${text[at]?.number}-${text[at + length - 1]?.number}`;
  }
}
