import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../agent/root.ts';

it('tests run a program in dist/ that is what the sources say, and that needs no test library', () => {
  const args = ['--no-install', 'tsc', '-p', 'tsconfig.build.json', '--listEmittedFiles'];
  const emitted = execFileSync('npx', args, { cwd: packageRoot, encoding: 'utf8' });
  expect(emitted.split('\n').filter((line) => /^TSFILE.*\.js$/.test(line))).toEqual([]);
  const built = execFileSync('npx', [...args.slice(0, -1), '--listFilesOnly'], {
    cwd: packageRoot,
    encoding: 'utf8',
  });
  const sources = built
    .split('\n')
    .filter((f) => /\/(agent|protocol)\/.*(?<!\.d)\.ts$/.test(f) && !f.includes('node_modules'));
  expect(sources.length).toBeGreaterThan(100);
  for (const source of sources) {
    expect(
      existsSync(join(packageRoot, 'dist', source.slice(packageRoot.length).replace(/ts$/, 'js'))),
      source,
    ).toBe(true);
    expect(readFileSync(source, 'utf8'), source).not.toMatch(/from '(vitest|fast-check|ajv)/);
  }
});
