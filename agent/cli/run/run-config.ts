import { isAbsolute } from 'node:path';
import { UserError } from '../../base/errors.ts';
import { defaultFiles, type LoadedConfig, loadConfigFile } from '../../config/load.ts';
import { demoConfig, hasMicrophone } from '../../run/demo.ts';
import { checkSetUp } from '../../run/set-up.ts';

export interface ConfigSource {
  readonly config?: string;
  readonly demo?: boolean;
}

/** A demonstration is what runs where no file says otherwise. */
function withDemo(loaded: LoadedConfig, { demo }: ConfigSource): LoadedConfig {
  if (!demo || loaded.file !== undefined) return loaded;
  return { ...loaded, config: demoConfig(loaded.config, hasMicrophone()) };
}

/**
 * The configuration to run with; every file it names has been looked at. The machine's own, which is the service's, is none
 * that a demonstration goes by, unless it is named. @throws UserError `config`
 */
export async function readRunConfig(
  source: ConfigSource,
  files: readonly string[] = defaultFiles,
): Promise<LoadedConfig> {
  const lookedFor = source.demo ? files.filter((file) => !isAbsolute(file)) : files;
  const loaded = withDemo(await loadConfigFile(source.config, undefined, lookedFor), source);
  await checkSetUp(loaded);
  return loaded;
}

/**
 * The same while running: the file that was read before, which must still say something. An editor that truncates before
 * it writes, or a file that is gone, is no wish for the defaults.
 */
export async function readRunConfigAgain(
  source: ConfigSource,
  before: LoadedConfig,
): Promise<LoadedConfig> {
  const config = before.file ?? source.config;
  const none = source.demo === true && config === undefined;
  const loaded = await loadConfigFile(config, undefined, none ? [] : defaultFiles);
  if (loaded.empty && !before.empty) {
    throw new UserError('config', `${loaded.file} is empty`, {
      hint: 'write the configuration there, or restart to run on the defaults',
    });
  }
  const again = withDemo(loaded, source);
  await checkSetUp(again);
  return again;
}
