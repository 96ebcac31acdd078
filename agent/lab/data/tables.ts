import { join } from 'node:path';
import { z } from 'zod';
import { type CsvRow, readCsv } from '../../base/csv.ts';
import { UserError } from '../../base/errors.ts';
import { type ClipFile, classNameOf } from './listing.ts';

/** How a published data set's table is to be read. */
export interface Table {
  readonly name: string;
  /** Below the data set's folder. */
  readonly file: string;
  readonly columns: {
    readonly file: string;
    readonly fold: string;
    readonly target: string;
    readonly category: string;
  };
  /** Where the clips lie, below the data set's folder. */
  readonly folder: string;
  /** Where one lies, below that. */
  readonly place: (file: string, fold: number) => string;
}

const ESC50: Table = {
  name: 'ESC-50',
  file: join('meta', 'esc50.csv'),
  columns: { file: 'filename', fold: 'fold', target: 'target', category: 'category' },
  folder: 'audio',
  place: (file) => file,
};

export const TABLES: readonly Table[] = [
  ESC50,
  {
    name: 'UrbanSound8K',
    file: join('metadata', 'UrbanSound8K.csv'),
    columns: { file: 'slice_file_name', fold: 'fold', target: 'classID', category: 'class' },
    folder: 'audio',
    place: (file, fold) => join(`fold${fold}`, file),
  },
];

/** ESC-50's table beside its clips, as those lie that come with otolith. */
export const TABLE_BESIDE: Table = { ...ESC50, file: 'esc50.csv', folder: '' };

/** A cell that holds a number without sign, leading blanks or exponent. */
const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,6}$/)
    .transform(Number)
    .pipe(z.number().int().min(least).max(most));

const cellSchemas = {
  fold: whole(1, 1000),
  target: whole(0, 99_999),
  /** A name in its folder: no path leads out of it. */
  file: z
    .string()
    .max(255)
    .regex(/^[^/\\\p{Cc}]+$/u)
    .refine((name) => name !== '.' && name !== '..'),
} as const;

const EXPECTED = {
  fold: 'a fold, a whole number from 1 to 1000',
  target: 'the number of a class, 0 to 99999',
  file: 'the name of a file, without a folder',
} as const;

/** The clips of a table. @throws UserError `data` naming line and column of what is wrong. */
export function tableClips(dir: string, table: Table, text: string): readonly ClipFile[] {
  const where = join(dir, table.file);
  const rows = readCsv(text, where, Object.values(table.columns));
  const categories = new Map<number, string>();
  const clips = rows.map((row) => {
    const fold = cellOf('fold', table, row, where);
    const target = cellOf('target', table, row, where);
    const file = cellOf('file', table, row, where);
    const at = `${where}, line ${row.line}`;
    const category = classNameOf(row.cell(table.columns.category), at);
    const known = categories.get(target) ?? category;
    if (known !== category) {
      throw new UserError('data', `${at}: class ${target} is ${known} and ${category}`, {
        hint: 'give each class one number and one name',
      });
    }
    categories.set(target, category);
    return {
      name: file,
      path: join(dir, table.folder, table.place(file, fold)),
      fold,
      target,
      category,
    };
  });
  refuseRepeats(clips, where);
  return clips;
}

function refuseRepeats(clips: readonly ClipFile[], where: string): void {
  const seen = new Set<string>();
  for (const { path, name } of clips) {
    if (seen.has(path)) {
      throw new UserError('data', `${where} has ${name} twice`, { hint: 'give each file one row' });
    }
    seen.add(path);
  }
}

function cellOf<K extends keyof typeof cellSchemas>(
  what: K,
  { columns }: Table,
  row: CsvRow,
  where: string,
): z.output<(typeof cellSchemas)[K]> {
  const text = row.cell(columns[what]);
  const parsed = cellSchemas[what].safeParse(text);
  if (parsed.success) return parsed.data as z.output<(typeof cellSchemas)[K]>;
  const column = columns[what];
  throw new UserError(
    'data',
    `${where}, line ${row.line}: ${column} is ${JSON.stringify(text)}, not ${EXPECTED[what]}`,
    { hint: 'use the file as the data set publishes it' },
  );
}
