import { type Environment, parseConfig } from '../../agent/config/load.ts';
import { UserError } from '../../agent/errors.ts';

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
