import { expect, it } from 'vitest';
import { UserError } from '../../agent/base/errors.ts';
import { type Environment, parseConfig } from '../../agent/config/load.ts';

export const environment: Environment = { env: {}, home: '/home/ada', host: 'Attic.Local' };

/** The lines that a configuration is answered with; none where it is good. */
export function linesOf(text: string): readonly string[] {
  try {
    parseConfig(text, 'otolith.yaml', environment);
  } catch (error) {
    if (error instanceof UserError) return error.line.split('\n');
    throw error;
  }
  return [];
}

/** Text of a configuration, then what its error line holds: line, path, value, hint. */
export type Broken = readonly [
  text: string,
  line: number,
  path: string,
  value: string,
  hint: RegExp,
];

/** A test for each: it is answered in one line. */
export function itAnswers(broken: readonly Broken[]): void {
  it.each(broken)('answers %j in one line', (text, line, path, value, hint) => {
    const lines = linesOf(text);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`otolith.yaml:${line}: ${path}`);
    expect(lines[0]).toContain(value);
    expect(lines[0]).toMatch(hint);
  });
}
