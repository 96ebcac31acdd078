import { afterEach, beforeEach, vi } from 'vitest';

/** What a test's program has printed, a call each. */
export interface Printed {
  readonly printed: string[];
  readonly complaints: string[];
}

/** Takes standard output and standard error of each test of a file, and lets nothing through. */
export function useConsole(): Printed {
  const printed: string[] = [];
  const complaints: string[] = [];
  beforeEach(() => {
    printed.length = 0;
    complaints.length = 0;
    vi.spyOn(console, 'log').mockImplementation((text: string) => void printed.push(text));
    vi.spyOn(console, 'error').mockImplementation((text: string) => void complaints.push(text));
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => complaints.push(`${text}`) > 0);
  });
  afterEach(() => vi.restoreAllMocks());
  return { printed, complaints };
}
