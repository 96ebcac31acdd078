import { reasonOf } from '../../base/errors.ts';
import { VERSION } from '../../base/version.ts';
import type { LoadedConfig } from '../../config/load.ts';
import { after } from '../../run/after.ts';
import { Gateway } from '../../run/gateway.ts';
import { Progress } from '../../run/progress.ts';
import type { Screen } from '../../run/screen.ts';
import { Systemd } from '../../run/systemd.ts';
import { EXIT } from '../failure.ts';
import { showSlowTools } from '../slow-tools.ts';
import { jsonScreen } from './json-screen.ts';
import { readRunConfig, readRunConfigAgain } from './run-config.ts';
import { runScreen } from './run-screen.ts';

export interface RunOptions {
  readonly config?: string;
  readonly for?: number;
  readonly demo?: boolean;
  readonly json?: boolean;
}

type Log = Screen['log'];

function configWords({ file }: LoadedConfig): string {
  return file === undefined ? 'no configuration file: the defaults' : `configured by ${file}`;
}

/** Where a demonstration listens to clips, it says what its accuracy is worth. */
function noticeClips({ config, file }: LoadedConfig, { demo }: RunOptions, log: Log): void {
  if (!demo || file !== undefined || config.audio.source !== 'clips') return;
  log('NOTICE: no microphone here, so this run listens to twenty recorded clips instead.');
  log(
    '        The networks were trained on them too: accuracy here proves that it works, no more.',
  );
}

/** Reads the configuration again at every call, one after the other, once the gateway runs; what is no good changes nothing. */
function reloader(
  options: RunOptions,
  first: LoadedConfig,
  gateway: Gateway,
  {
    ready,
    signal,
    log,
  }: { readonly ready: Promise<void>; readonly signal: AbortSignal; readonly log: Log },
): () => void {
  let last = first;
  let reading = ready;
  const reload = async (): Promise<void> => {
    try {
      const next = await readRunConfigAgain(options, last);
      await gateway.reload(next.config, signal);
      last = next;
    } catch (error) {
      if (signal.aborted) return;
      for (const line of reasonOf(error).split('\n')) log(`reload: ${line}`);
      log('reload: the old configuration stays');
    }
  };
  return () => {
    reading = reading.then(reload);
  };
}

/** `otolith run` */
export async function run(options: RunOptions): Promise<void> {
  const to = { out: process.stdout, env: process.env, now: Date.now };
  const screen = options.json === true ? jsonScreen(to) : runScreen(to);
  const { log } = screen;
  const loaded = await readRunConfig(options);
  showSlowTools((task, sinceMs) => screen.task('compiler', task, sinceMs).end);
  log(`otolith ${VERSION}: gateway ${loaded.config.gateway.name}, ${configWords(loaded)}`);
  noticeClips(loaded, options, log);
  const gateway = new Gateway(loaded.config, {
    ...screen,
    now: Date.now,
    monotonic: () => performance.now(),
  });
  const stop = new AbortController();
  const systemd = new Systemd();
  const now = () => performance.now();
  const progress = new Progress(() => gateway.signs, systemd.watchdogMs, now);
  const end = (why: string) => () => {
    log(`${why}: sending what waits, then stopping`);
    systemd.stopping();
    stop.abort();
  };
  let onReady = (): void => {};
  const ready = new Promise<void>((resolve) => {
    onReady = resolve;
  });
  const onHangup = reloader(options, loaded, gateway, { ready, signal: stop.signal, log });
  process.once('SIGTERM', end('SIGTERM'));
  process.once('SIGINT', end('SIGINT'));
  process.on('SIGHUP', onHangup);
  let cancel = (): void => {};
  let inTime = true;
  try {
    inTime = await gateway.run(stop.signal, () => {
      systemd.ready(
        () => progress.isAlive(),
        () => gateway.status,
      );
      // Counted from here: a first start compiles, which takes a small machine longer than many a run.
      if (options.for !== undefined) cancel = after(options.for, end('time is up'));
      onReady();
    });
  } catch (error) {
    if (!stop.signal.aborted) throw error; // what was under way when it was stopped failed by that
  } finally {
    cancel();
    process.off('SIGHUP', onHangup);
  }
  tellEnd(gateway, options, log);
  if (!inTime) process.exit(EXIT.failed); // what hangs would keep the process alive
}

function tellEnd(gateway: Gateway, { json }: RunOptions, log: Log): void {
  if (json === true) {
    console.log(JSON.stringify({ summary: gateway.summaryFacts ?? { windows: 0 } }));
    return;
  }
  log(`stopped after ${gateway.windows} windows${gateway.windows === 0 ? '' : ':'}`);
  if (gateway.windows > 0) for (const line of gateway.summary) log(`  ${line}`);
}
