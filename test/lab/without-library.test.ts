import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { packageRoot } from '../../agent/base/root.ts';

/** A resolver that finds everything but TensorFlow, as where `deploy/setup --lab` was never run. */
const hooks = `export const resolve = (name, context, next) => {
  if (name.includes('@tensorflow/tfjs-node')) throw new Error('not here');
  return next(name, context);
};`;
const asUrl = (code: string): string => `data:text/javascript,${encodeURIComponent(code)}`;
const hide = `import { register } from 'node:module'; register(${JSON.stringify(asUrl(hooks))});`;

it('tests of training are skipped and counted so where the library is missing', async () => {
  const tests = ['agent/lab/train/optimizer.test.ts', 'agent/lab/lowering/fine-tune.lab.test.ts'];
  const gradients = 'agent/lab/train/gradients.lab.test.ts';
  const { stdout } = await promisify(execFile)(
    'npx',
    ['--no-install', 'vitest', 'run', ...tests, gradients],
    {
      cwd: packageRoot,
      env: { ...process.env, NODE_OPTIONS: `--import ${asUrl(hide)}`, NO_COLOR: '1' },
    },
  );
  const [, passed, skipped] = /Tests +(\d+) passed \| (\d+) skipped/.exec(stdout) ?? [];
  expect(Number(passed), stdout).toBeGreaterThan(0);
  expect(Number(skipped), stdout).toBeGreaterThanOrEqual(10);
});
