import { readFile } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { reasonOf, UserError } from '../errors.ts';
import { explain, type Problem } from './explain.ts';
import { type Config, configSchema, DEFAULT_NETWORKS } from './schema.ts';

/** What a configuration depends on besides its file. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly host: string;
}

export function surroundings(): Surroundings {
  return { env: process.env, home: homedir(), host: hostname() };
}

/** A configuration whose names, directories and networks are settled too. */
export type Settled = Omit<Config, 'detection' | 'boards'> & {
  readonly gateway: { readonly name: string; readonly stateDir: string };
  readonly detection: Detection;
  readonly boards: readonly ConfiguredBoard[];
};
export type Detection = Config['detection'] & { readonly network: 'int8' | 'xnor' | 'both' };
export type ConfiguredBoard = Config['boards'][number] & {
  readonly network: 'int8' | 'xnor' | 'best';
};

/** Just the networks that are named, or else the two that are compared by default. */
function networksOf({ networks }: Config): Config['networks'] {
  const { int8, xnor } = networks;
  return int8 === undefined && xnor === undefined ? DEFAULT_NETWORKS : networks;
}

/** Every use of a network that does not run. */
function* missingNetworks(config: Config): Generator<Problem> {
  const { detection, boards } = config;
  const running = networksOf(config);
  const uses: readonly (readonly [readonly PropertyKey[], string, string | undefined])[] = [
    [['detection', 'network'], 'detection.network', detection.network],
    ...boards.map(
      ({ network }, i) =>
        [['boards', i, 'network'] as const, `boards[${i}].network`, network] as const,
    ),
  ];
  for (const [path, key, network] of uses) {
    const wanted = network === 'both' ? (['int8', 'xnor'] as const) : [network];
    for (const kind of wanted) {
      if ((kind !== 'int8' && kind !== 'xnor') || running[kind] !== undefined) continue;
      const text = `${key} is "${network}", but networks.${kind} is not configured; name a model there, or leave ${key} out`;
      yield { path, text };
    }
  }
}

/** Rules that span several keys. */
function crossCheck(config: Config): readonly Problem[] {
  const problems: Problem[] = [...missingNetworks(config)];
  const add = (path: readonly PropertyKey[], text: string) => problems.push({ path, text });
  const { mqtt, boards } = config;
  if (mqtt.passwordFile !== undefined && mqtt.passwordEnv !== undefined) {
    add(
      ['mqtt', 'passwordEnv'],
      `mqtt.passwordEnv is ${JSON.stringify(mqtt.passwordEnv)} beside mqtt.passwordFile; keep one of the two`,
    );
  }
  const hasPassword = mqtt.passwordFile !== undefined || mqtt.passwordEnv !== undefined;
  if (hasPassword && mqtt.username === undefined) {
    add(['mqtt'], 'mqtt.username is missing beside a password; give the user name');
  }
  if ((mqtt.tls.cert === undefined) !== (mqtt.tls.key === undefined)) {
    const missing = mqtt.tls.cert === undefined ? 'cert' : 'key';
    add(
      ['mqtt', 'tls'],
      `mqtt.tls.${missing} is missing; a client certificate needs both cert and key`,
    );
  }
  const ids = boards.map((board) => board.name ?? board.id);
  ids.forEach((id, i) => {
    if (ids.indexOf(id) < i) {
      add(['boards', i], `boards[${i}] is "${id}" again; give each board its own id and name`);
    }
  });
  return problems;
}

function settle(config: Config, around: Surroundings): Settled {
  const host = around.host.toLowerCase().replaceAll(/[^a-z0-9_-]+/g, '-');
  const name = config.gateway.name ?? (host.replace(/^[-_]+/, '').slice(0, 63) || 'gateway');
  const stateHome = around.env.XDG_STATE_HOME ?? join(around.home, '.local', 'state');
  const stateDir =
    config.gateway.stateDir ?? around.env.STATE_DIRECTORY ?? join(stateHome, 'otolith');
  const networks = networksOf(config);
  const preferred = networks.int8 === undefined ? 'xnor' : 'int8';
  const { detection, boards } = config;
  return {
    ...config,
    networks,
    gateway: { name, stateDir },
    detection: { ...detection, network: detection.network ?? preferred },
    boards: boards.map((board) => ({ ...board, network: board.network ?? preferred })),
  };
}

function refuse(problems: readonly string[]): never {
  throw new UserError('config', problems.join('\n'));
}

/** The line of the node at a path, or of the nearest parent that is there. */
function lineOf(doc: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let n = path.length; n > 0; n--) {
    const node = doc.getIn(path.slice(0, n), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

/**
 * Reads a configuration from YAML text. Fails with a UserError (code `config`) that has one line for each
 * thing wrong: file, line, path, value, mend.
 */
export function parseConfig(text: string, file: string, around: Surroundings): Settled {
  const lines = new LineCounter();
  const doc = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (line: number) => `${file}:${line}: `;
  if (doc.errors.length > 0) {
    refuse(
      doc.errors.map((error) => {
        const line = lines.linePos(error.pos[0]).line;
        return `${at(line)}not YAML: ${error.message.split('\n')[0]}; mend the syntax there`;
      }),
    );
  }
  const raw: unknown = doc.toJS({ maxAliasCount: 10 }) ?? {};
  const parsed = configSchema.safeParse(raw);
  const problems = parsed.success
    ? crossCheck(parsed.data)
    : parsed.error.issues.flatMap((issue) => explain(issue, raw));
  if (!parsed.success || problems.length > 0) {
    refuse(problems.map((problem) => at(lineOf(doc, lines, problem.path)) + problem.text));
  }
  return settle(parsed.data, around);
}

/** The files that are looked for when none is named, in this order. */
export const defaultFiles: readonly string[] = ['otolith.yaml', '/etc/otolith/otolith.yaml'];

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new UserError('config', `${file} cannot be read (${reasonOf(cause)})`, { cause });
  }
}

/** Loads the named file, else the first default file that is there, else the defaults alone. */
export async function loadConfig(
  file: string | undefined,
  around: Surroundings = surroundings(),
): Promise<Settled> {
  for (const candidate of file === undefined ? defaultFiles : [file]) {
    const text = await readIfThere(candidate);
    if (text !== undefined) return parseConfig(text, candidate, around);
  }
  if (file === undefined) return parseConfig('', 'defaults', around);
  throw new UserError('config', `${file} is not there`, {
    mend: 'name an existing file with --config, or leave it out to run on the defaults',
  });
}
