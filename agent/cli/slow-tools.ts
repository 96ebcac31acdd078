import { watchTools } from '../build/running-tools.ts';
import { reportSoFar } from './terminal/so-far.ts';

/** What a PC compiles in seconds is nobody's concern. */
const SHOWN_AFTER_MS = 8000;
/** Between two tools of one task. */
const GAP_MS = 1000;

interface Running {
  tools: number;
  /** Until it is shown. */
  readonly timer: NodeJS.Timeout;
  end: () => void;
}

/**
 * Shows what compilers and emulators do once that takes long: `begin` gets what it is, and for how many ms already, and what it
 * returns ends it.
 */
export function showSlowTools(begin: (task: string, sinceMs: number) => () => void): () => void {
  const tasks = new Map<string, Running>();
  const later = (act: () => void, ms: number) => setTimeout(act, ms).unref();
  const start = (task: string): Running => {
    const show = (): void => {
      running.end = begin(task, SHOWN_AFTER_MS);
    };
    const running: Running = { tools: 0, timer: later(show, SHOWN_AFTER_MS), end: () => {} };
    tasks.set(task, running);
    return running;
  };
  return watchTools((task) => {
    const running = tasks.get(task) ?? start(task);
    running.tools++;
    return () => {
      running.tools--;
      const over = (): void => {
        if (running.tools > 0) return;
        clearTimeout(running.timer);
        running.end();
        tasks.delete(task);
      };
      later(over, GAP_MS);
    };
  });
}

/** The same as lines, for commands that show nothing else: at once, and then ever less often. */
export function tellSlowTools(say: (line: string) => void): () => void {
  return showSlowTools((task, sinceMs) => {
    say(`${task} (a slow machine takes its time)`);
    return reportSoFar((seconds) => say(`${task}, ${seconds} s so far`), sinceMs);
  });
}
