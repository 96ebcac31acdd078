import type { Argument, Command, Option } from 'commander';
import { packageRoot } from '../../base/root.ts';
import { boardIds } from '../../boards/board-ids.ts';

/** One thing that may stand at the cursor, and a few words on it. */
export interface Candidate {
  readonly value: string;
  readonly what: string;
}

export interface Values {
  readonly candidates: readonly Candidate[];
  /** A file or folder may be named too. */
  readonly files: boolean;
}

const NOTHING: Values = { candidates: [], files: false };
const FILES: Values = { candidates: [], files: true };
/** Names of places on disk in the help: <file>, <dir>, <folder>, <runs>. */
const PLACE = /<(file|dir|folder|runs)>/;

const plain = (values: readonly string[], what = ''): Values => ({
  candidates: values.map((value) => ({ value, what })),
  files: false,
});

const kinds = (): readonly string[] => boardIds(packageRoot);

async function models(): Promise<Values> {
  const { zooNames } = await import('../../run/zoo.ts');
  return { ...plain(zooNames(), 'network of the zoo'), files: true };
}

/** Boards of the configuration, ports that are there, and the kinds that can be emulated. */
async function boards(): Promise<Values> {
  const [{ loadConfig }, { findPorts }] = await Promise.all([
    import('../../config/load.ts'),
    import('../../attach/discover.ts'),
  ]);
  const found = new Map(kinds().map((kind) => [`emulated:${kind}`, 'emulated board']));
  const config = await loadConfig(undefined).catch(() => undefined);
  for (const { id } of config?.boards ?? []) found.set(id, 'configured board');
  const ports = config === undefined ? [] : await findPorts(config.gateway.stateDir);
  for (const { id, what } of ports) found.set(id, what);
  return {
    candidates: [...found].map(([value, what]) => ({ value, what })),
    files: false,
  };
}

/** What only some other module can list, by command and option or argument. */
const SOURCES: Readonly<Record<string, () => Promise<Values>>> = {
  'bench <model>': models,
  'bench --board': async () => plain([...kinds(), 'all']),
  'boards --probe': boards,
  'compile <model>': models,
  'compile --board': async () => plain(kinds()),
  'compile --target': async () => {
    const { CORES } = await import('../../boards/cores.ts');
    return plain(['portable', ...CORES]);
  },
  'compress prune --method': async () =>
    plain((await import('../../lab/prune/prunings.ts')).PRUNINGS),
  'compress quantize --calibration': async () =>
    plain((await import('../../lab/lowering/calibrations.ts')).CALIBRATION_CHOICES),
  'compress binarize --calibration': async () =>
    plain((await import('../../lab/lowering/calibrations.ts')).CALIBRATION_CHOICES),
  'console <board>': boards,
  'emulate <board>': async () => plain(kinds(), 'emulated board'),
  'evaluate <model>': models,
  'models <places>': models,
  'net new <network>': async () => plain((await import('../../nets/presets.ts')).NET_NAMES),
  'push <model>': models,
  'push --board': async () => {
    const found = await boards();
    const all = { value: 'all', what: 'all boards of the configuration' };
    return { ...found, candidates: [...found.candidates, all] };
  },
  'train --net': async () => plain((await import('../../nets/presets.ts')).NET_NAMES),
};

/** The names of all sources: a test holds that each command line has them. */
export const sourceNames: readonly string[] = Object.keys(SOURCES);

/** The words of a command, without the program. */
export function pathOf(command: Command): readonly string[] {
  return command.parent === null ? [] : [...pathOf(command.parent), command.name()];
}

export async function optionValues(command: Command, option: Option): Promise<Values> {
  if (option.argChoices !== undefined) return plain(option.argChoices);
  const source = SOURCES[[...pathOf(command), option.long].join(' ')];
  if (source !== undefined) return source();
  return PLACE.test(option.flags) ? FILES : NOTHING;
}

export async function argumentValues(command: Command, argument: Argument): Promise<Values> {
  if (argument.argChoices !== undefined) return plain(argument.argChoices);
  const name = `<${argument.name()}>`;
  const source = SOURCES[[...pathOf(command), name].join(' ')];
  if (source !== undefined) return source();
  return PLACE.test(name) ? FILES : NOTHING;
}
