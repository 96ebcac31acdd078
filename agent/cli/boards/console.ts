import { createInterface } from 'node:readline';
import { printable } from '../../../protocol/printable.ts';
import { attach } from '../../attach/attach.ts';
import { meantBoard } from '../../attach/meant-board.ts';
import { reasonOf } from '../../base/errors.ts';
import { ConsoleCommands } from '../../smp/console-commands.ts';
import type { Framing } from '../../smp/session.ts';
import { type ContextOptions, contextOf, interruption } from './board-context.ts';

export interface ConsoleOptions extends ContextOptions {
  readonly baud?: number;
  readonly framing?: Framing;
}

/** `otolith console` */
export async function openConsole(named: string, options: ConsoleOptions): Promise<void> {
  const { context } = await contextOf(options);
  const signal = interruption();
  const id = await meantBoard(named, context.stateDir);
  let last = '';
  const attached = attach(id, context, signal, {
    ...(options.baud === undefined ? {} : { baud: options.baud }),
    ...(options.framing === undefined ? {} : { framing: options.framing }),
    onText: (line) => console.log(`| ${printable(line)}`),
    onState: (state) => {
      const news = state.type === 'up' ? 'connected' : `not connected: ${state.why}`;
      if (news !== last) console.error(news);
      last = news;
    },
  });
  // Who it is; a board that comes back after a loss must be the same.
  void attached.board.info(signal).catch(() => {});
  const commands = new ConsoleCommands(attached.board);
  const lines = createInterface({ input: process.stdin, signal });
  console.error(
    `what the board prints comes after a bar; type ${commands.names.join(', ')} or quit`,
  );
  try {
    for await (const line of lines) {
      if (line.trim() === 'quit') break;
      if (line.trim() === '') continue;
      // A command that fails ends itself, not the console.
      const output = await commands.run(line.trim(), signal).catch((error) => {
        if (signal.aborted) throw error;
        return reasonOf(error);
      });
      console.log(output);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    lines.close();
    await attached.stop();
  }
}
