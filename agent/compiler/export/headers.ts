import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { packageRoot } from '../../base/root.ts';
import type { KernelSet } from '../../c/kernel-sets.ts';
import type { ExportedFile } from './context.ts';

/** The header that chooses a set of kernels, and the header that lists one. */
const DISPATCH = 'oto_nn.h';
const SET = /^kernels_(portable|dsp|mve|wasm)\.h$/;

/** The headers of firmware/nn that a generated file of these kernels needs, as `nn/<path>`. */
export function kernelHeaders(kernels: KernelSet): readonly ExportedFile[] {
  const texts = new Map<string, string>();
  const waiting = [DISPATCH];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (texts.has(path)) continue;
    const text = readFileSync(join(packageRoot, 'firmware/nn', path), 'utf8');
    texts.set(path, text);
    for (const [, included = ''] of text.matchAll(/^#include "([^"]+)"$/gm)) {
      const other = SET.exec(included);
      if (other === null || other[1] === kernels) {
        waiting.push(posix.join(posix.dirname(path), included));
      }
    }
  }
  return [...texts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, text]) => ({ path: `nn/${path}`, text }));
}
