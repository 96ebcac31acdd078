/** Arguments of Node that run the program from its sources, so that no test runs a stale build; otolith's own follow. */
export const OTOLITH: readonly string[] = [
  '--import',
  import.meta.resolve('tsx'),
  new URL('./otolith.ts', import.meta.url).pathname,
];
