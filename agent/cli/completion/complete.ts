import type { Command, Option } from 'commander';
import { argumentValues, type Candidate, optionValues, type Values } from './values.ts';

/** Where the cursor is: what has been typed before it decides what may come. */
interface Place {
  readonly command: Command;
  /** An option that waits for its value. */
  readonly option: Option | undefined;
  /** Arguments of the command that are there. */
  readonly given: number;
  readonly used: ReadonlySet<Option>;
  /** After `help` only commands come. */
  readonly helping: boolean;
  /** After --, nothing is an option. */
  readonly onlyArguments: boolean;
}

/** Every completion of the last word. */
export async function candidatesFor(program: Command, words: readonly string[]): Promise<Values> {
  const current = words.at(-1) ?? '';
  const place = placeOf(program, words.slice(0, -1));
  const { candidates, files } = await valuesAt(place, current);
  return { candidates: candidates.filter(({ value }) => value.startsWith(current)), files };
}

/** A line for each. */
export async function printCandidates(program: Command, words: readonly string[]): Promise<void> {
  const { candidates, files } = await candidatesFor(program, words);
  const lines = candidates.map(({ value, what }) => `${value}\t${what.split('\n')[0]}`);
  const all = files ? [...lines, ':files'] : lines;
  process.stdout.write(all.map((line) => `${line}\n`).join(''));
}

function placeOf(program: Command, words: readonly string[]): Place {
  let place: Place = {
    ...{ command: program, option: undefined, given: 0 },
    ...{ used: new Set<Option>(), helping: false, onlyArguments: false },
  };
  for (const word of words) place = after(place, word);
  return place;
}

function after(place: Place, word: string): Place {
  const { command, option, given, used, onlyArguments } = place;
  if (option !== undefined && (option.required || !word.startsWith('-'))) {
    return { ...place, option: undefined };
  }
  if (!onlyArguments && word === '--') return { ...place, option: undefined, onlyArguments: true };
  if (!onlyArguments && word.startsWith('-')) {
    const [name] = word.split('=');
    const found = optionsOf(command).find(({ long, short }) => name === long || name === short);
    if (found === undefined) return { ...place, option: undefined };
    const waits = (found.required || found.optional) && !word.includes('=');
    return { ...place, option: waits ? found : undefined, used: new Set([...used, found]) };
  }
  const next = given === 0 ? subcommandsOf(command).find((sub) => sub.name() === word) : undefined;
  // Commander's own help command stands outside of the tree.
  if (next?.name() === 'help') return { ...place, helping: true };
  if (next !== undefined) return { ...place, command: next, used: new Set() };
  return { ...place, given: given + 1 };
}

async function valuesAt(place: Place, current: string): Promise<Values> {
  const { command, option, given, used, helping, onlyArguments } = place;
  if (helping)
    return { candidates: command.commands.filter(shown).map(describedCommand), files: false };
  if (option?.required === true) return optionValues(command, option);
  const assigned = /^(--[^=]+)=/.exec(current);
  if (assigned !== null && !onlyArguments) return assignedValues(command, assigned[1] ?? '');
  if (current.startsWith('-') && !onlyArguments) {
    const free = optionsOf(command).filter((each) => !used.has(each) && !each.hidden);
    return { candidates: free.map(named), files: false };
  }
  const some = option === undefined ? undefined : await optionValues(command, option);
  const subcommands = given === 0 ? subcommandsOf(command).map(describedCommand) : [];
  const { registeredArguments: all } = command;
  const argument = all[given] ?? (all.at(-1)?.variadic === true ? all.at(-1) : undefined);
  const values = argument === undefined ? undefined : await argumentValues(command, argument);
  return {
    candidates: [...(some?.candidates ?? []), ...subcommands, ...(values?.candidates ?? [])],
    files: some?.files === true || values?.files === true,
  };
}

/** Values behind `--option=`, with that before them. */
async function assignedValues(command: Command, name: string): Promise<Values> {
  const option = optionsOf(command).find(({ long }) => long === name);
  if (option === undefined) return { candidates: [], files: false };
  const { candidates, files } = await optionValues(command, option);
  const whole = candidates.map(({ value, what }) => ({ value: `${name}=${value}`, what }));
  return { candidates: whole, files };
}

function optionsOf(command: Command): readonly Option[] {
  return command.createHelp().visibleOptions(command);
}

function subcommandsOf(command: Command): readonly Command[] {
  return command.createHelp().visibleCommands(command);
}

const shown = (command: Command): boolean =>
  subcommandsOf(command.parent ?? command).includes(command);
const named = (option: Option): Candidate => ({
  value: option.long ?? option.short ?? '',
  what: option.description,
});
const describedCommand = (command: Command): Candidate => ({
  value: command.name(),
  what: command.description(),
});
