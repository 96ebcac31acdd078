import { stringify } from 'yaml';
import { loadConfig } from '../config/load.ts';

export interface ConfigOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** `otolith config check` */
export async function check({ config, json }: ConfigOptions): Promise<void> {
  const { gateway } = await loadConfig(config);
  if (json) console.log(JSON.stringify({ ok: true, gateway: gateway.name }));
  else console.log(`the configuration is good (gateway ${gateway.name})`);
}

/** `otolith config show` */
export async function show({ config, json }: ConfigOptions): Promise<void> {
  const loaded = await loadConfig(config);
  process.stdout.write(json ? `${JSON.stringify(loaded, null, 2)}\n` : stringify(loaded));
}
