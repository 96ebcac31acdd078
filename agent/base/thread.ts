import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts a module as a thread: `name` is its path without ending, relative to the module that asks. The compiled program
 * runs the compiled file; where the sources themselves run (tests), so does the thread, by way of tsx.
 */
export function startThread(from: string, name: string, options: WorkerOptions): Worker {
  if (!from.endsWith('.ts')) return new Worker(new URL(`${name}.js`, from), options);
  const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const file = JSON.stringify(new URL(`${name}.ts`, from).href);
  const code = `import(${tsx}).then(({ register }) => (register(), import(${file})))`;
  return new Worker(code, { ...options, eval: true });
}
