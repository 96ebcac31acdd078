import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../root.ts';
import type { KernelSet } from '../kernels.ts';
import type { ExportedFile } from './site.ts';

/** What a header's name ends with where it is for some targets only, and the kernels that need such headers. */
const PARTS: Readonly<Record<KernelSet['id'], readonly string[]>> = {
  portable: [],
  dsp: ['dsp'],
  mve: ['dsp', 'mve'],
  wasm: ['wasm'],
};
const ONLY_SOME = /_(dsp|mve|wasm)\.h$/;

/** The headers of firmware/nn that a generated file of these kernels needs, as `nn/<name>`. */
export function kernelHeaders(kernels: KernelSet['id']): readonly ExportedFile[] {
  const texts = new Map<string, string>();
  const waiting = ['oto_nn.h'];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (texts.has(name)) continue;
    const text = readFileSync(join(packageRoot, 'firmware/nn', name), 'utf8');
    texts.set(name, text);
    for (const [, included = ''] of text.matchAll(/^#include "([^"]+)"$/gm)) {
      const part = ONLY_SOME.exec(included)?.[1];
      if (part === undefined || PARTS[kernels].includes(part)) waiting.push(included);
    }
  }
  return [...texts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, text]) => ({ path: `nn/${name}`, text }));
}
