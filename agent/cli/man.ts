import type { Argument, Command, Option } from 'commander';
import { VERSION } from '../base/version.ts';
import { pathOf } from './completion/values.ts';
import { EXIT_CODES } from './failure.ts';
import { helpTextOf } from './help.ts';

/** What the program reads besides its command line. */
const FILES: readonly (readonly [string, string])[] = [
  ['otolith.yaml', 'the configuration, looked for in this folder'],
  [
    '/etc/otolith/otolith.yaml',
    'the configuration of a gateway, where there is none in this folder',
  ],
];
const ENVIRONMENT: readonly (readonly [string, string])[] = [
  [
    'OTOLITH_CACHE',
    'where what can be made again is kept (default: otolith below XDG_CACHE_HOME or ~/.cache)',
  ],
  [
    'XDG_STATE_HOME',
    'below it, in otolith, lie outbox, signing key and emulated boards, unless gateway.stateDir says otherwise',
  ],
  ['NO_COLOR', 'set to anything: no colours'],
  ['FORCE_COLOR', 'set to 1: colours even where no terminal shows them; to 0: none'],
];

/** The manual page, from the commands themselves: the same program, the same page. */
export function manPage(program: Command): string {
  const leaves = leavesOf(program);
  const pairs = (rows: readonly (readonly [string, string])[]) =>
    rows.flatMap(([name, text]) => tagged(bold(name), text));
  return `${[
    `.TH OTOLITH 1 "" "otolith ${VERSION}" "User Commands"`,
    ...section('Name', [
      `otolith \\- ${roff('sound recognition at the edge, compared and measured')}`,
    ]),
    ...section('Synopsis', ['.B otolith', '.I command', '[\\fIoptions\\fR]']),
    ...section('Description', [line(program.description().replaceAll('\n', ' '))]),
    ...section('Commands', leaves.flatMap(commandLines)),
    ...section('Exit status', pairs(EXIT_CODES)),
    ...section('Environment', pairs(ENVIRONMENT)),
    ...section('Files', pairs(FILES)),
  ].join('\n')}\n`;
}

function leavesOf(command: Command): readonly Command[] {
  const subcommands = command.createHelp().visibleCommands(command);
  const own = subcommands.filter((sub) => sub.name() !== 'help');
  return own.length === 0 ? [command] : own.flatMap(leavesOf);
}

function commandLines(command: Command): readonly string[] {
  const help = command.createHelp();
  const { notes = [], examples = [] } = helpTextOf(command) ?? {};
  const call = ['otolith', ...pathOf(command), ...command.registeredArguments.map(argumentText)];
  return [
    `.SS "${roff(call.join(' '))}"`,
    line(command.description().replaceAll('\n', ' ')),
    ...notes.flatMap((note) => ['.PP', line(note)]),
    ...help.visibleOptions(command).flatMap(optionLines),
    ...(examples.length === 0 ? [] : ['.PP', 'Examples:', '.PP', '.nf', '.RS 4']),
    ...examples.flatMap((example) => example.split('\n').map(line)),
    ...(examples.length === 0 ? [] : ['.RE', '.fi']),
  ];
}

function optionLines(option: Option): readonly string[] {
  const { defaultValue, argChoices } = option;
  const more = [
    ...(argChoices === undefined ? [] : [`one of ${argChoices.join(', ')}`]),
    ...(defaultValue === undefined || defaultValue === true ? [] : [`default: ${defaultValue}`]),
  ];
  const text =
    more.length === 0 ? option.description : `${option.description} (${more.join('; ')})`;
  return tagged(bold(option.flags), text);
}

function argumentText(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

const section = (title: string, lines: readonly string[]): readonly string[] => [
  `.SH ${title.toUpperCase()}`,
  ...lines,
];
const tagged = (tag: string, text: string): readonly string[] => ['.TP', tag, line(text)];
const bold = (text: string): string => `\\fB${roff(text)}\\fR`;

/** A line of text: a dot or an apostrophe at its beginning would be a command. */
function line(text: string): string {
  return roff(text).replace(/^(?=[.'])/, '\\&');
}

function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('"', '\\(dq')
    .replaceAll('~', '\\(ti')
    .replaceAll('^', '\\(ha')
    .replaceAll('`', '\\(ga')
    .replaceAll("'", '\\(aq');
}
