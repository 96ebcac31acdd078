import { resolve } from 'node:path';
import { UserError } from '../../base/errors.ts';
import { parseEmulated } from '../../boards/emulated-id.ts';
import { prepareEmulator } from '../../emulator/prepare.ts';
import { announce } from '../../emulator/registry.ts';
import { type ContextOptions, contextOf, interruption } from './board-context.ts';

export interface EmulateOptions extends ContextOptions {
  readonly flash?: string;
  readonly empty?: boolean;
  readonly json?: boolean;
}

/** `otolith emulate` */
export async function emulate(board: string, options: EmulateOptions): Promise<void> {
  const { context } = await contextOf(options);
  const signal = interruption();
  const id = options.flash === undefined ? board : `${board}@${resolve(options.flash)}`;
  const emulated = await parseEmulated(id, context.stateDir);
  const emulator = await prepareEmulator(emulated, context, {
    signal,
    ...(options.empty === undefined ? {} : { empty: options.empty }),
  });
  await emulator.start(signal);
  const { kind, flash } = emulated;
  const running = { board: kind, port: emulator.pty, pid: emulator.pid, flash };
  const { entry, withdraw } = await announce(context.stateDir, running);
  if (options.json) console.log(JSON.stringify(entry));
  else console.log(`${entry.id} runs: port ${entry.port}, flash ${flash}; Ctrl-C cuts its power`);
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
