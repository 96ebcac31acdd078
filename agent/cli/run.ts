import { printable } from '../../protocol/printable.ts';
import type { LoadedConfig } from '../config/load.ts';
import { reasonOf } from '../errors.ts';
import { after } from '../run/after.ts';
import { Gateway } from '../run/gateway.ts';
import { Systemd } from '../run/systemd.ts';
import { EXIT } from './failure.ts';
import { readRunConfig, readRunConfigAgain } from './run-config.ts';

export interface RunOptions {
  readonly config?: string;
  readonly for?: number;
  readonly demo?: boolean;
}

/** A line for a person; the journal stamps its own. Whatever it repeats from outside, it stays one line of plain text. */
function log(line: string): void {
  const stamp =
    process.env.JOURNAL_STREAM === undefined ? `${new Date().toTimeString().slice(0, 8)} ` : '';
  console.log(`${stamp}${printable(line)}`);
}

/** Where a demonstration listens to clips, it says what its accuracy is worth. */
function noticeClips({ config, file }: LoadedConfig, { demo }: RunOptions): void {
  if (!demo || file !== undefined || config.audio.source !== 'clips') return;
  log('NOTICE: no microphone here, so this run listens to twenty recorded clips instead.');
  log(
    '        The networks were trained on them too: accuracy here proves that it works, no more.',
  );
}

/** Reads the configuration again at every call, one call after the other; what is no good changes nothing. */
function reloader(options: RunOptions, first: LoadedConfig, gateway: Gateway): () => void {
  let last = first;
  let reading = Promise.resolve();
  const reload = async (): Promise<void> => {
    try {
      last = await readRunConfigAgain(options, last);
      gateway.reload(last.config);
    } catch (error) {
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
  const loaded = await readRunConfig(options);
  noticeClips(loaded, options);
  const gateway = new Gateway(loaded.config, {
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
  const onHangup = reloader(options, loaded, gateway);
  process.once('SIGTERM', end('SIGTERM'));
  process.once('SIGINT', end('SIGINT'));
  process.on('SIGHUP', onHangup);
  const cancel = options.for === undefined ? () => {} : after(options.for, end('time is up'));
  let inTime = true;
  try {
    inTime = await gateway.run(stop.signal, () => systemd.ready(() => true));
  } catch (error) {
    if (!stop.signal.aborted) throw error; // what was under way when it was stopped failed by that
  } finally {
    cancel();
    process.off('SIGHUP', onHangup);
  }
  log(`stopped after ${gateway.heard} windows`);
  if (!inTime) process.exit(EXIT.failed); // what hangs would keep the process alive
}
