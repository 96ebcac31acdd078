import { printable } from '../../../protocol/printable.ts';
import type { Screen } from '../../run/screen.ts';

export interface JsonScreenOptions {
  readonly out: { readonly write: (text: string) => unknown };
  /** ms since 1970. */
  readonly now: () => number;
}

/**
 * What `otolith run --json` prints, an object a line: `{"topic","payload"}` of every message when it is published, whether a
 * broker is there or not, and `{"at","log"}` of what a person would read.
 */
export function jsonScreen({ out, now }: JsonScreenOptions): Screen {
  const log: Screen['log'] = (line) => {
    const at = new Date(now()).toISOString();
    out.write(`${JSON.stringify({ at, log: printable(line) })}\n`);
  };
  return {
    log,
    window: () => {}, // its messages say more
    message: (topic, payload) =>
      void out.write(`{"topic":${JSON.stringify(topic)},"payload":${payload}}\n`),
    task: (name, doing) => {
      log(`${name}: ${doing}`);
      return { update: () => {}, end: (line) => line !== undefined && log(line) };
    },
  };
}
