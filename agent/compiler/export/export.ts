import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../base/root.ts';
import type { Model } from '../../model/model.ts';
import { buildFiles } from './build-files.ts';
import {
  type ExportContext,
  type ExportedFile,
  type ExportTarget,
  exportContext,
} from './context.ts';
import { kernelHeaders } from './headers.ts';
import { knownScoresHeader } from './known-answer.ts';
import { MANIFEST, manifestText } from './manifest.ts';
import { publicHeader } from './public-header.ts';
import { readme } from './readme.ts';

/** C of firmware/export, and where it goes. */
const TEMPLATES = [
  ['example.c', 'example/main.c'],
  ['known_answer.c', 'test/known_answer.c'],
  ['known_answer.h', 'test/known_answer.h'],
  ['test.c', 'test/main.c'],
] as const;

/**
 * Everything a program needs of a network, as a folder that stands alone: generated C, the kernels' headers, a public
 * header, an example, builds, and a known-answer test. The same model and target always give the same bytes.
 */
export function exportFiles(model: Model, target: ExportTarget): readonly ExportedFile[] {
  const context = exportContext(model, target);
  const files: readonly ExportedFile[] = [
    { path: 'README.md', text: readme(context) },
    { path: 'LICENSE', text: readFileSync(join(packageRoot, 'LICENSE'), 'utf8') },
    { path: `include/${context.id}.h`, text: publicHeader(context) },
    { path: 'src/model.c', text: context.emitted.source },
    ...kernelHeaders(context.kernels),
    ...TEMPLATES.map(([from, path]) => ({ path, text: template(from, context) })),
    { path: 'test/known_scores.h', text: knownScoresHeader(context) },
    ...buildFiles(context),
  ];
  return [...files, { path: MANIFEST, text: manifestText(files) }];
}

function template(name: string, { id, macro }: ExportContext): string {
  const text = readFileSync(join(packageRoot, 'firmware/export', name), 'utf8');
  return text.replaceAll('EXAMPLE_NET', macro).replaceAll('example_net', id);
}
