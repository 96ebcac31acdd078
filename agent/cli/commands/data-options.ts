/** What `--data` takes. */
export const DATA =
  'ESC-50 layout, UrbanSound8K layout, train/ beside test/, Edge Impulse export, or a folder per class';

export const GROUP_OPTION = [
  '--group <regex>',
  'what in a file name says which recording it was cut from (its first group); such clips share a fold',
] as const;
