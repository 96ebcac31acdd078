import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { asyncApi } from '../../protocol/asyncapi.ts';
import { topicTable } from '../../protocol/topics.ts';
import { packageRoot } from '../base/root.ts';
import { VERSION } from '../base/version.ts';
import { loadConfig } from './load.ts';
import { configReference } from './reference.ts';

const read = (...path: string[]) => readFileSync(join(packageRoot, ...path), 'utf8');

it('the example configuration is good', async () => {
  const environment = { env: {}, home: '/home/ada', host: 'h' };
  const config = await loadConfig(join(packageRoot, 'deploy/examples/otolith.yaml'), environment);
  expect(config.boards).toHaveLength(1);
});

it('the generated references are those of the schemas (deploy/docs writes them)', () => {
  expect(read('deploy', 'CONFIG.md')).toContain(configReference());
  expect(read('protocol', 'TOPICS.md')).toContain(topicTable());
  expect(JSON.parse(read('protocol', 'asyncapi.json'))).toEqual(asyncApi(VERSION));
});

it('deploy/docs is a program that bash understands', () => {
  execFileSync('bash', ['-n', join(packageRoot, 'deploy', 'docs')]);
});
