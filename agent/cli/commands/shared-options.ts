import { Option } from 'commander';
import { whole } from './numbers.ts';

/** Options of several commands, as commander takes them. */
export const CONFIG_OPTION = [
  '--config <file>',
  'the configuration (default: ./otolith.yaml, else /etc/otolith/otolith.yaml, else the defaults)',
] as const;
export const KEY_OPTION = [
  '--key <file>',
  'the signing key (default: under the state folder; made at first use)',
] as const;

export const JSON_OPTION = ['--json', 'one JSON object for scripts'] as const;

/** Speed of a serial line in baud; a fresh option for each command that has it. */
export const baudOption = (what = 'speed of a real serial port (default 115200)'): Option =>
  new Option('--baud <n>', what).argParser(whole({ least: 300, most: 12_000_000 }));

/** How packets lie on a serial line; a fresh option for each command that has it. */
export const framingOption = (): Option =>
  new Option(
    '--framing <kind>',
    'console (text lines with a checksum) or raw (bare SMP packets)',
  ).choices(['console', 'raw']);
