import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { printable } from '../../protocol/printable.ts';
import { UserError } from '../base/errors.ts';
import { crossCheck } from './cross-check.ts';
import { explain, findings, type Problem, withoutEmptySections } from './explain.ts';
import { formerSpellings } from './former.ts';
import { type Config, configSchema } from './schema.ts';
import { readConfigText } from './text.ts';
import { readYaml } from './yaml.ts';

/** What a configuration depends on besides its file. */
export interface Environment {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly host: string;
}

function thisEnvironment(): Environment {
  return { env: process.env, home: homedir(), host: hostname() };
}

/** A configuration whose names, directories and networks are resolved too. */
export type ResolvedConfig = Omit<Config, 'detection' | 'boards'> & {
  readonly gateway: { readonly name: string; readonly stateDir: string };
  readonly detection: Detection;
  readonly boards: readonly ConfiguredBoard[];
};
export type ConfiguredNetwork = Config['networks'][number];
/** Whose verdict makes a detection: `network` is the name of one, or `agree`. */
export type Detection = Config['detection'] & { readonly network: string };
/** `network` is the name of one, or `best`. */
export type ConfiguredBoard = Config['boards'][number] & { readonly network: string };

function resolve(config: Config, environment: Environment): ResolvedConfig {
  const host = environment.host.toLowerCase().replaceAll(/[^a-z0-9_-]+/g, '-');
  const name = config.gateway.name ?? (host.replace(/^[-_]+/, '').slice(0, 63) || 'gateway');
  // Empty means unset (XDG Base Directory); systemd hands out a list where a unit asks for several.
  const stateHome = environment.env.XDG_STATE_HOME || join(environment.home, '.local', 'state');
  const [handedOut] = environment.env.STATE_DIRECTORY?.split(':') ?? [];
  const stateDir = config.gateway.stateDir ?? (handedOut || join(stateHome, 'otolith'));
  const { networks, detection, boards } = config;
  const first = networks[0]?.name ?? '';
  return {
    ...config,
    gateway: { name, stateDir },
    detection: { ...detection, network: detection.network ?? first },
    boards: boards.map((board) => ({ ...board, network: board.network ?? first })),
  };
}

/** More at once nobody reads. */
const MOST_PROBLEMS = 20;

/** Fails with a line for each problem, up to a bound. */
export function refuse<T>(problems: readonly T[], lineOf: (problem: T) => string): never {
  const lines = [...new Set(problems.slice(0, MOST_PROBLEMS).map(lineOf))];
  const more = problems.length - MOST_PROBLEMS;
  if (more > 0) lines.push(`and ${more} more things are wrong`);
  throw new UserError('config', lines.map(printable).join('\n'), { severalLines: true });
}

/** A configuration, and where its keys stand. */
export interface LoadedConfig {
  readonly config: ResolvedConfig;
  /** Undefined where there is no file, and the defaults alone count. */
  readonly file: string | undefined;
  /** Whether nothing stands in it: the same as the defaults. */
  readonly empty: boolean;
  /** `file:line: ` of a key, for messages. */
  where(path: readonly PropertyKey[]): string;
}

function read(text: string, file: string, environment: Environment): LoadedConfig {
  const { value, problems: syntax, lineOf } = readYaml(text);
  if (syntax.length > 0) refuse(syntax, (problem) => `${file}:${problem.line}: ${problem.text}`);
  const where = (path: readonly PropertyKey[]) => `${file}:${lineOf(path)}: `;
  const lineFor = (problem: Problem) => where(problem.path) + problem.text;
  const raw = withoutEmptySections(value ?? {});
  const former = formerSpellings(raw);
  if (former.length > 0) refuse(former, lineFor);
  const parsed = configSchema.safeParse(raw);
  if (!parsed.success) {
    return refuse(findings(parsed.error.issues), (finding) => lineFor(explain(finding, raw)));
  }
  const problems = crossCheck(parsed.data);
  if (problems.length > 0) refuse(problems, lineFor);
  return { config: resolve(parsed.data, environment), file, empty: value === null, where };
}

/**
 * Reads a configuration from YAML text. Fails with a UserError (code `config`) that has one line for each
 * thing wrong, up to a bound: file, line, path, value, hint.
 */
export function parseConfig(text: string, file: string, environment: Environment): ResolvedConfig {
  return read(text, file, environment).config;
}

/** The files that are looked for when none is named, in this order. */
export const defaultFiles: readonly string[] = ['otolith.yaml', '/etc/otolith/otolith.yaml'];

/** Loads the named file, else the first of those that are looked for and there, else the defaults alone. */
export async function loadConfigFile(
  file: string | undefined,
  environment: Environment = thisEnvironment(),
  lookedFor: readonly string[] = defaultFiles,
): Promise<LoadedConfig> {
  for (const candidate of file === undefined ? lookedFor : [file]) {
    const text = await readConfigText(candidate);
    if (text !== undefined) return read(text, candidate, environment);
  }
  if (file === undefined) return { ...read('', 'defaults', environment), file };
  throw new UserError('config', `${file} is not there`, {
    hint: 'name an existing file with --config, or leave it out to run on the defaults',
  });
}

/** The same for those who need the configuration alone. */
export async function loadConfig(
  file: string | undefined,
  environment: Environment = thisEnvironment(),
): Promise<ResolvedConfig> {
  return (await loadConfigFile(file, environment)).config;
}
