import { UserError } from '../base/errors.ts';
import { defaultKeyPath, ensureKey, readKey, type SigningKey } from './keys.ts';

/** What every use of boards shares. */
export interface BoardContext {
  /** Where flash files and the list of running emulators lie. */
  readonly stateDir: string;
  /** Where builds are kept. */
  readonly cache: string;
  /** The key that boards of this context trust; made when there is none yet. */
  readonly key: () => Promise<SigningKey>;
  /** The same, where there is one. */
  readonly knownKey: () => Promise<SigningKey | undefined>;
}

export interface ContextFolders {
  readonly stateDir: string;
  readonly cache: string;
  /** Default: under the state folder. */
  readonly keyPath?: string | undefined;
}

/** A context whose key is a file; `say` hears, once, that one was made. */
export function boardContext(
  { stateDir, cache, keyPath = defaultKeyPath(stateDir) }: ContextFolders,
  say: (line: string) => void,
): BoardContext {
  return {
    stateDir,
    cache,
    key: () =>
      ensureKey(keyPath, ({ path }) => {
        say(`made a signing key: ${path} (keep it: boards trust what it signs)`);
      }),
    knownKey: () =>
      readKey(keyPath).catch((error) => {
        if (error instanceof UserError && error.code === 'key-missing') return undefined;
        throw error;
      }),
  };
}
