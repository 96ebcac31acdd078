import { defaultFlash, prepareEmulator } from '../boards/attach.ts';
import { announce } from '../boards/registry.ts';
import { UserError } from '../errors.ts';
import { interruption, type SiteOptions, siteOf } from './board-site.ts';

export interface EmulateOptions extends SiteOptions {
  readonly flash?: string;
  readonly empty?: boolean;
  readonly json?: boolean;
}

/** `otolith emulate` */
export async function emulate(board: string, options: EmulateOptions): Promise<void> {
  const { site } = await siteOf(options);
  const signal = interruption();
  const flash = options.flash ?? defaultFlash(site.stateDir, board);
  const emulator = await prepareEmulator(board, site, {
    ...{ signal, flash },
    ...(options.empty === undefined ? {} : { empty: options.empty }),
  });
  await emulator.start(signal);
  const entry = { board, port: emulator.pty, pid: emulator.pid, flash };
  const withdraw = await announce(site.stateDir, entry);
  if (options.json) console.log(JSON.stringify(entry));
  else
    console.log(`${board} runs: serial port ${entry.port}, flash ${flash}; Ctrl-C cuts its power`);
  const stopped = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
  try {
    await Promise.race([stopped, emulator.ended()]);
    if (!signal.aborted) throw new UserError('emulator', 'the emulator ended by itself');
  } finally {
    await withdraw();
    await emulator.stop();
  }
}
