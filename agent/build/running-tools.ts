/** Told when a tool begins a task, such as "compiling micro for wasm"; what it returns is called when the tool ends. */
export type ToolWatcher = (task: string) => () => void;

const unwatched: ToolWatcher = () => () => {};
let watcher = unwatched;

/**
 * Has every tool of this process watched, by one watcher at a time: a compiler takes minutes on a small machine, whatever
 * asked for it, and who looks at a terminal wants to know. Returns what ends that.
 */
export function watchTools(next: ToolWatcher): () => void {
  watcher = next;
  return () => {
    if (watcher === next) watcher = unwatched;
  };
}

/** Says that a tool begins; the function returned says that it has ended. */
export function toolBegins(task: string): () => void {
  return watcher(task);
}
