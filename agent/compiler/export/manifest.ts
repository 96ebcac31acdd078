import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ExportedFile } from './context.ts';

/** The file by which an export knows its own files again. */
export const MANIFEST = 'otolith-export.json';

/** Paths of exported files: two folders deep at most, and never out of the export. */
const path = z.string().regex(/^([a-z][a-z0-9_-]*\/){0,2}[A-Za-z][A-Za-z0-9_.-]*$/);
const manifestSchema = z.strictObject({
  format: z.literal('otolith-export'),
  files: z.record(path, z.string().regex(/^[0-9a-f]{64}$/)),
});

export const hashOf = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex');

export function manifestText(files: readonly ExportedFile[]): string {
  const hashes = Object.fromEntries(files.map((file) => [file.path, hashOf(file.text)]));
  return `${JSON.stringify({ format: 'otolith-export', files: hashes }, null, 2)}\n`;
}

/** Hashes by path of an earlier export; none if the text is no manifest. */
export function readManifest(text: string): ReadonlyMap<string, string> {
  try {
    return new Map(Object.entries(manifestSchema.parse(JSON.parse(text)).files));
  } catch {
    return new Map();
  }
}
