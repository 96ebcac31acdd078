import { reasonOf } from '../base/errors.ts';

/** Something that was opened, and how long closing it may take, in ms. */
interface Step {
  readonly name: string;
  readonly limitMs: number;
  readonly close: () => Promise<unknown>;
}

/** Resolves to false where the work takes longer; it then goes on unwatched. Rejects as the work does. */
export async function within(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Closes what was opened, the last first. Each has its time, and what fails or hangs is logged by name and keeps nothing else
 * from being closed.
 */
export class Closing {
  readonly #log: (line: string) => void;
  readonly #steps: Step[] = [];

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  add(name: string, limitMs: number, close: () => Promise<unknown>): void {
    this.#steps.push({ name, limitMs, close });
  }

  /** Whether everything closed in time; what did not may keep the process alive. Never rejects. */
  async close(): Promise<boolean> {
    let inTime = true;
    for (const { name, limitMs, close } of this.#steps.splice(0).reverse()) {
      try {
        if (await within(close(), limitMs)) continue;
        this.#log(`stopping: ${name} did not end within ${limitMs / 1000} s and is left`);
      } catch (error) {
        this.#log(`stopping: ${name} failed (${reasonOf(error)})`);
      }
      inTime = false;
    }
    return inTime;
  }
}
