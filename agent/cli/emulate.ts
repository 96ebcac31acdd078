import { defaultFlash, prepareEmulator } from '../boards/attach.ts';
import { announce } from '../boards/registry.ts';
import { UserError } from '../errors.ts';
import { CONFIG_OPTION, interruption, KEY_OPTION, type SiteOptions, siteOf } from './board-site.ts';
import type { AddCommand } from './command.ts';

interface EmulateOptions extends SiteOptions {
  readonly flash?: string;
  readonly empty?: boolean;
  readonly json?: boolean;
}

async function emulate(board: string, options: EmulateOptions): Promise<void> {
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

/** `otolith emulate <board>` */
export const addEmulate: AddCommand = (program) => {
  program
    .command('emulate')
    .argument('<board>', 'cortex-m4, cortex-m7, cortex-m33 or cortex-m55')
    .description('run an emulated board until Ctrl-C; anything that speaks SMP may open its port')
    .option(
      '--flash <file>',
      'what keeps its flash across power cuts (default: under the state folder)',
    )
    .option('--empty', 'leave a new flash erased: the board then waits in serial recovery')
    .option(...KEY_OPTION)
    .option(...CONFIG_OPTION)
    .option('--json', 'first line: {"board","port","pid","flash"}')
    .addHelpText(
      'after',
      '\nExample:\n  otolith emulate cortex-m4 &\n  smpmgr --port /dev/pts/3 image state-read',
    )
    .action(emulate);
};
