import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../agent/root.ts';
import { isTest, sourceFiles } from './sources.ts';

/** Registry, specification, an architecture that uses it. */
const OUTSIDE = 3;

/** Folders of `agent/ops` that hold an operator, each called by the operator's kind. */
const operators = readdirSync(join(packageRoot, 'agent/ops'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .filter((name) => readdirSync(join(packageRoot, 'agent/ops', name)).includes('layer.ts'));

/** Of which an operator's knowledge is still spread. */
const NOT_YET = new Set([
  ...['add', 'average', 'channels-to-height', 'conv', 'dense', 'dropout', 'log-mel', 'lstm'],
  ...['sign', 'xnor-conv'],
]);

const files = sourceFiles().filter(({ path }) => !isTest(path));

describe.each(operators)('the operator %s', (name) => {
  it.skipIf(NOT_YET.has(name))(`is named outside its rooms in at most ${OUTSIDE} files`, () => {
    const rooms = [`agent/ops/${name}/`, `firmware/nn/${name}/`];
    const named = new RegExp(`['"\`]${name}['"\`]|(ops|nn|\\.)/${name}/`);
    const outside = files.filter(
      ({ path, lines }) =>
        !rooms.some((room) => path.startsWith(room)) && lines.some((line) => named.test(line)),
    );
    expect(outside.map(({ path }) => path).slice(OUTSIDE)).toEqual([]);
  });
});
