import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from './root.ts';
import { filesHint, origin, originOf, toolHint, trainingHint } from './set-up-hint.ts';

it('knows a clone from a package by what is there', () => {
  const root = mkdtempSync(join(tmpdir(), 'otolith-origin-'));
  mkdirSync(join(root, 'deploy'));
  writeFileSync(join(root, 'deploy', 'with-node'), '');
  expect(originOf(root)).toBe('package');
  writeFileSync(join(root, 'deploy', 'setup'), '');
  expect(originOf(root)).toBe('clone');
  expect(origin).toBe('clone');
});

it('sends nobody to a script that the package is without', () => {
  const inPackage = [
    toolHint('clang', 'package'),
    toolHint('arm-none-eabi-gcc', 'package'),
    toolHint('qemu-system-arm', 'package'),
    filesHint('package'),
  ];
  expect(inPackage.filter((words) => words.includes('deploy/'))).toEqual([]);
  expect(inPackage[1]).toContain('sudo apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi');
  expect(trainingHint('package')).toMatch(/clone/);
  expect(toolHint('clang', 'clone')).toBe('run deploy/setup, or apt-get install clang');
});

it('is the only place whose messages name deploy/setup', () => {
  const files = execFileSync('git', ['ls-files', 'agent', 'protocol'], {
    cwd: packageRoot,
    encoding: 'utf8',
  });
  const named = files
    .split('\n')
    .filter((file) => /\.(ts|mjs)$/.test(file) && !file.endsWith('.test.ts'))
    .filter((file) => {
      const lines = readFileSync(join(packageRoot, file), 'utf8').split('\n');
      return lines.some((line) => line.includes('deploy/setup') && !/^\s*(\/\/|\/?\*)/.test(line));
    });
  // The launcher runs where nothing of the program can be loaded.
  expect(named).toEqual(['agent/base/set-up-hint.ts', 'agent/cli/otolith.mjs']);
});
