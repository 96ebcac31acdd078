import { CsvError, parse } from 'csv-parse/sync';
import { z } from 'zod';
import { UserError } from './errors.ts';

/** One row of a table with a header. */
export interface CsvRow {
  /** Line of the file in which it begins, from 1. */
  readonly line: number;
  /** The cell of a column; empty where the row has none. */
  readonly cell: (column: string) => string;
}

/**
 * Rows of a CSV file (RFC 4180: cells may be quoted), keyed by its header.
 * @throws UserError `data` where it is none, or lacks one of `columns`.
 */
export function readCsv(
  text: string,
  where: string,
  columns: readonly string[],
): readonly CsvRow[] {
  const [header, ...rows] = recordsOf(text, where);
  const names = (header?.record ?? []).map((name) => name.trim());
  for (const column of columns) {
    if (names.includes(column)) continue;
    throw new UserError('data', `${where} has no column "${column}"`, {
      hint: 'use the file as the data set publishes it',
    });
  }
  return rows.map(({ record, line }) => ({
    line,
    cell: (column) => (record[names.indexOf(column)] ?? '').trim(),
  }));
}

/** What csv-parse gives with `info`. */
const recordsSchema = z.array(
  z.object({ record: z.array(z.string()), info: z.object({ lines: z.number() }) }),
);

interface CsvRecord {
  readonly record: readonly string[];
  readonly line: number;
}

function recordsOf(text: string, where: string): readonly CsvRecord[] {
  try {
    const options = { bom: true, info: true, skip_empty_lines: true };
    const parsed = recordsSchema.parse(parse(text, options));
    return parsed.map(({ record, info }) => ({ record, line: info.lines }));
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw new UserError('data', `${where}: ${cause.message}`, {
      hint: 'use the file as the data set publishes it',
      cause,
    });
  }
}
