import { existsSync } from 'node:fs';
import { defaultFiles, loadConfig, type Settled } from '../config/load.ts';
import { reasonOf } from '../errors.ts';
import { demoConfig, hasMicrophone } from '../run/demo.ts';
import { Gateway } from '../run/gateway.ts';
import { Systemd } from '../run/systemd.ts';

export interface RunOptions {
  readonly config?: string;
  readonly for?: number;
  readonly demo?: boolean;
}

/** A line for a person; the journal stamps its own. */
function log(line: string): void {
  const stamp =
    process.env.JOURNAL_STREAM === undefined ? `${new Date().toTimeString().slice(0, 8)} ` : '';
  console.log(`${stamp}${line}`);
}

async function load({ config, demo }: RunOptions): Promise<Settled> {
  const loaded = await loadConfig(config);
  if (!demo || config !== undefined || defaultFiles.some(existsSync)) return loaded;
  const microphone = hasMicrophone();
  if (!microphone) {
    log('NOTICE: no microphone here, so this run listens to twenty recorded clips instead.');
    log(
      '        The networks were trained on them too: accuracy here proves that it works, no more.',
    );
  }
  return demoConfig(loaded, microphone);
}

/** `otolith run` */
export async function run(options: RunOptions): Promise<void> {
  const gateway = new Gateway(await load(options), {
    log,
    now: Date.now,
    monotonic: () => performance.now(),
  });
  const stop = new AbortController();
  const systemd = new Systemd();
  const end = (why: string) => () => {
    log(`${why}: sending what waits, then stopping`);
    systemd.stopping();
    stop.abort();
  };
  const onHangup = () => {
    loadConfig(options.config).then(
      (config) => gateway.reload(config),
      (error: unknown) => log(`reload: ${reasonOf(error)}; the old configuration stays`),
    );
  };
  process.once('SIGTERM', end('SIGTERM'));
  process.once('SIGINT', end('SIGINT'));
  process.on('SIGHUP', onHangup);
  const timer = options.for === undefined ? undefined : setTimeout(end('time is up'), options.for);
  try {
    await gateway.run(stop.signal, () => systemd.ready(() => true));
  } catch (error) {
    if (!stop.signal.aborted) throw error; // what was under way when it was stopped failed by that
  } finally {
    clearTimeout(timer);
    process.off('SIGHUP', onHangup);
  }
  log(`stopped after ${gateway.heard} windows`);
}
