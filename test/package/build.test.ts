import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../agent/base/root.ts';

it('the build holds every source, and none that needs a library of tests', () => {
  const args = ['--no-install', 'tsc', '-p', 'tsconfig.build.json', '--listFiles'];
  const read = execFileSync('npx', args, { cwd: packageRoot, encoding: 'utf8' });
  const sources = read
    .split('\n')
    .filter((f) => /\/(agent|protocol)\/.*(?<!\.d)\.ts$/.test(f) && !f.includes('node_modules'));
  expect(sources.length).toBeGreaterThan(100);
  for (const source of sources) {
    const built = join(packageRoot, 'dist', source.slice(packageRoot.length).replace(/ts$/, 'js'));
    expect(existsSync(built), source).toBe(true);
    expect(readFileSync(source, 'utf8'), source).not.toMatch(/from '(vitest|fast-check|ajv)/);
  }
});
