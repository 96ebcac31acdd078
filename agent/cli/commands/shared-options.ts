/** Options of several commands, as commander takes them. */
export const CONFIG_OPTION = [
  '--config <file>',
  'the configuration (default: ./otolith.yaml, else /etc/otolith/otolith.yaml, else the defaults)',
] as const;
export const KEY_OPTION = [
  '--key <file>',
  'the signing key (default: under the state folder; made at first use)',
] as const;
