import { UserError } from '../../base/errors.ts';
import { cacheFolder } from '../../base/root.ts';
import { loadConfig, type ResolvedConfig } from '../../config/load.ts';
import { type BoardContext, boardContext } from '../../firmware/context.ts';
import { type Model, readModel } from '../../model/model.ts';
import { existingModelPath } from '../../run/network-files.ts';

export interface ContextOptions {
  readonly config?: string;
  readonly key?: string;
}

/** Configuration and board context of a command; a new key is reported on stderr, once. */
export async function contextOf(
  options: ContextOptions,
): Promise<{ readonly config: ResolvedConfig; readonly context: BoardContext }> {
  const config = await loadConfig(options.config);
  const { stateDir } = config.gateway;
  const folders = { stateDir, cache: cacheFolder(process.env), keyPath: options.key };
  return { config, context: boardContext(folders, (line) => console.error(line)) };
}

/** A signal that SIGINT and SIGTERM abort, for commands that run long. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => controller.abort(new UserError('interrupted', 'interrupted'));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  return controller.signal;
}

/** A deployed model by the path of its file or by its name in the zoo. */
export async function modelOf(nameOrPath: string): Promise<Model> {
  return readModel(existingModelPath(nameOrPath));
}
