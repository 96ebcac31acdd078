import { UserError } from '../../base/errors.ts';

/** Names of whole collections: what they capture says which recording a clip was cut from. */
const COLLECTIONS: readonly RegExp[] = [
  // Freesound: <id>__<user>__<title>
  /^(\d{3,})__/,
  // ESC-50: <fold>-<freesound id>-<take>-<class>
  /^\d-(\d+)-[A-Z](?:-\d+)?$/,
  // UrbanSound8K: <freesound id>-<class>-<occurrence>-<slice>
  /^(\d+)-\d+-\d+-\d+$/,
  // Speech Commands: <speaker>_nohash_<take>
  /^(.+)_nohash_\d+$/,
  // Edge Impulse: <label>.<hash>[.s<cut>].ingestion-<server>[.s<cut>]
  /^([^.]+\.[^.]+?)(?:\.s\d+)?\.ingestion-.*$/,
];

/** What tells one cut of a recording from the next, at the end of a name. */
const COUNTERS: readonly RegExp[] = [
  /^(.+?)\s*\(\d+\)$/,
  /^(.+?)[ ._-]*(?:part|cut|chunk|seg|segment|slice|take|copy)[ ._-]*\d+$/i,
  /^(.+?)[ ._-]+s?\d+$/,
];

/** Words that begin a counted name without naming a recording: IMG-like counters of a device. */
const GENERIC = /^(?:audio|clip|file|rec|recording|sample|sound|track|voice|wav)s?$/;

/** The rule in words, for people. */
export const GROUP_RULE =
  'names that differ by a counter at their end (-0, _1, .part2, (2)), or that share the id of Freesound, ESC-50, UrbanSound8K, Speech Commands or Edge Impulse';

/**
 * Which recording a clip was cut from, by its name; clips of one must not be in different folds.
 * @param stem the file's name without its ending
 * @param category its class: a name that only counts the class is a recording of its own
 */
export function recordingOf(stem: string, category: string): string {
  for (const pattern of COLLECTIONS) {
    const [, id] = pattern.exec(stem) ?? [];
    if (id !== undefined) return id;
  }
  const own = `${category}/${stem}`;
  for (const pattern of COUNTERS) {
    const [, rest] = pattern.exec(stem) ?? [];
    if (rest === undefined) continue;
    if (namesNothing(rest, category)) return own;
    // Numbers alone count within a class; a name may be that of one recording cut into several classes.
    return /\p{L}/u.test(rest) ? rest : `${category}/${rest}`;
  }
  return own;
}

function namesNothing(rest: string, category: string): boolean {
  const bare = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  return bare(rest) === '' || bare(rest) === bare(category) || GENERIC.test(bare(rest));
}

/**
 * The recording by a pattern of the user's: its first group, or the whole match; a name that does not match is a
 * recording of its own.
 * @throws UserError `option` where it is no regular expression.
 */
export function groupBy(pattern: string): (name: string) => string {
  let expression: RegExp;
  try {
    expression = new RegExp(pattern, 'u');
  } catch (cause) {
    throw new UserError('option', `--group ${pattern} is no regular expression`, {
      hint: "give one whose first group names the recording, such as '/([^/]+)-\\d+\\.wav$'",
      cause,
    });
  }
  return (name) => {
    const match = expression.exec(name);
    return match === null ? name : (match[1] ?? match[0]);
  };
}
