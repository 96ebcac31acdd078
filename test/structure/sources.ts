import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../agent/base/root.ts';

export interface SourceFile {
  /** Relative to the root. */
  readonly path: string;
  readonly lines: readonly string[];
}

/** TypeScript, C and assembler of the tree as it is now: what git tracks, and what is new and not ignored. */
export function sourceFiles(): readonly SourceFile[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const listed = execFileSync('git', [...args, '*.ts', '*.c', '*.h', '*.S'], {
    cwd: packageRoot,
    encoding: 'utf8',
  });
  return listed
    .split('\0')
    .filter((path) => path !== '' && existsSync(join(packageRoot, path)))
    .map((path) => {
      const text = readFileSync(join(packageRoot, path), 'utf8');
      return { path, lines: text.replace(/\n$/, '').split('\n') };
    });
}

export const isTest = (path: string): boolean =>
  path.startsWith('test/') || path.endsWith('.test.ts');
