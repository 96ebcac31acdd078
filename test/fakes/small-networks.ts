import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { main } from '../../agent/cli/main.ts';

const CHANNELS = '2,3,4,5,6,7,8,9,10,11,12';

/** A folder for a test's files, and networks in it that are compiled in no time. */
export interface SmallNetworks {
  /** Where a file of this name lies. */
  readonly at: (name: string) => string;
  /** Writes a network of random weights under this name; gives the command's exit code. */
  readonly small: (name: string, ...options: readonly string[]) => Promise<number>;
}

/** Makes the folder before the tests of a file, and removes it behind them. */
export function useSmallNetworks(): SmallNetworks {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otolith-networks-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const at = (name: string): string => join(folder, name);
  const small = (name: string, ...options: readonly string[]): Promise<number> =>
    main(['net', 'new', 'micro-acdnet', '--channels', CHANNELS, '-o', at(name), ...options]);
  return { at, small };
}
