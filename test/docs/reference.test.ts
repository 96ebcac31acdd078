import { expect, it } from 'vitest';
import { commandReference } from '../../agent/cli/command-reference.ts';
import { buildProgram } from '../../agent/cli/main.ts';
import { textOf } from './markdown.ts';

const reference = commandReference(buildProgram());

it('docs/commands.md is made from the program as it is (deploy/docs writes it)', () => {
  expect(textOf('docs/commands.md')).toContain(reference);
});

it('the reference of commands has each one, with its options and examples', () => {
  for (const part of ['## otolith run', '## otolith compress prune', '--for <duration>']) {
    expect(reference).toContain(part);
  }
  expect(reference).not.toContain(String.fromCharCode(27));
});
