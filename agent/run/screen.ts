import type { WindowResult } from './window-result.ts';

/** Something that takes a while. */
export interface Task {
  /** What is being done now, and which share of it is done (0 to 1), where that is known. */
  readonly update: (doing: string, share?: number) => void;
  /** It is over. What the line says stays; without one, nothing does. */
  readonly end: (line?: string, tone?: LineTone) => void;
}

export type LineTone = 'plain' | 'good' | 'bad';

/** Where a run shows a person what it does. */
export interface Screen {
  readonly log: (line: string, tone?: LineTone) => void;
  /** One window. */
  readonly window: (result: WindowResult) => void;
  /** A message as it is published: its whole topic, and its payload as JSON. */
  readonly message?: (topic: string, payload: string) => void;
  /** Something takes a while, since `sinceMs` ago where that is given; `name` is what it is about, such as a board. */
  readonly task: (name: string, doing: string, sinceMs?: number) => Task;
}
