import { UserError } from '../base/errors.ts';

/** What begins with # in generated C. */
const DIRECTIVE = new RegExp(
  [
    '^#include ""$',
    '^#define OTO_KERNELS_[A-Z]+ *$',
    '^#define V oto_lanes$',
    '^#undef V$',
    '^#(if|elif) [A-Za-z0-9_ ()!&=]+$',
    '^#error ""$',
    '^#endif$',
  ].join('|'),
);

/** Marks that no line has: of directives and their other spellings, of names by number, of a text that goes on. */
const MARKS = /[#\\@$`']|%:|\?\?|<:|\/[/*]|"/;
const INCLUDE = /^#include "oto_(nn|models)\.h"$/;

/** Words by which C reaches the assembler, the linker, other files or the compiler's own switches. */
const FORBIDDEN =
  /\b(_*asm(_*|_volatile)|_Pragma|__attribute(__)?|__declspec|_*has_(include|embed)\w*|__builtin\w*)\b/;

/**
 * Refuses C that holds anything that the emitter never writes: whatever a model's file says, no assembler, no pragma and
 * no file but the kernels' header reaches the compiler. Strings and comments hold nothing that ends them.
 * @throws UserError `source` naming the line.
 */
export function checkSource(source: string, name: string): void {
  const raw = source.split('\n');
  const bare = withoutTexts(source)?.split('\n') ?? [''];
  const wrong = bare.findIndex((line, i) => !isOurs(line, raw[i] ?? ''));
  if (wrong < 0 && bare.length === raw.length) return;
  const where = wrong < 0 ? 'a text without end' : `line ${wrong + 1}`;
  throw new UserError('source', `the C of ${name} holds what otolith does not write (${where})`, {
    hint: 'it is not compiled; please report the model',
  });
}

/** `bare` is the line without the contents of its strings and comments. */
function isOurs(bare: string, raw: string): boolean {
  if (bare.startsWith('#')) {
    return DIRECTIVE.test(bare) && (!bare.startsWith('#include') || INCLUDE.test(raw));
  }
  return (
    /^[\x20-\x7e]*$/.test(bare) && !MARKS.test(bare.replaceAll('""', '')) && !FORBIDDEN.test(bare)
  );
}

/** The source with its strings and comments emptied; undefined where one has no end, or holds what might end it. */
function withoutTexts(source: string): string | undefined {
  let safe = true;
  const bare = source.replace(/"(?:[^"\\\n]|\\[0-7"\\])*"|\/\*[\s\S]*?\*\//g, (text) => {
    if (/\?\?|\\\n/.test(text) || !/^[\n\x20-\x7e]*$/.test(text)) safe = false;
    if (text.startsWith('"')) return '""';
    if (text.slice(2, -2).includes('/*')) safe = false;
    return text.replace(/[^\n]/g, '');
  });
  return safe ? bare : undefined;
}
