import { stringify } from 'yaml';
import { loadConfig, loadConfigFile } from '../config/load.ts';
import { checkSetUp } from '../run/set-up.ts';

export interface ConfigOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** `otolith config check` */
export async function check({ config, json }: ConfigOptions): Promise<void> {
  const loaded = await loadConfigFile(config);
  await checkSetUp(loaded);
  const { gateway } = loaded.config;
  if (json) console.log(JSON.stringify({ ok: true, gateway: gateway.name }));
  else console.log(`the configuration is good (gateway ${gateway.name})`);
}

/** `otolith config show` */
export async function show({ config, json }: ConfigOptions): Promise<void> {
  const loaded = await loadConfig(config);
  process.stdout.write(json ? `${JSON.stringify(loaded, null, 2)}\n` : stringify(loaded));
}
