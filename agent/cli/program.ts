import { printableLines } from '../../protocol/printable.ts';
import { EXIT, failureOf } from './failure.ts';
import { main } from './main.ts';
import { tellSlowTools } from './slow-tools.ts';

/** Runs the program as a process of its own, down to what breaks outside of any command. */
export async function program(argv: readonly string[]): Promise<void> {
  guardOutput(process.stdout);
  guardOutput(process.stderr);
  guardConsole();
  process.on('uncaughtException', (error) => {
    const { lines, exitCode } = failureOf(error);
    for (const line of lines) console.error(line);
    process.exit(exitCode);
  });
  tellSlowTools((line) => console.error(line));
  const exitCode = await main(argv);
  if (process.exitCode !== EXIT.unread) process.exitCode = exitCode;
}

/**
 * Names of files, labels, words of boards: whatever is printed, no escape sequence and no mark that turns the direction of
 * writing reaches the terminal. Progress bars write to the stream itself.
 */
function guardConsole(): void {
  for (const method of ['log', 'error', 'warn'] as const) {
    const print = console[method].bind(console);
    console[method] = (...words: readonly unknown[]) =>
      print(...words.map((word) => (typeof word === 'string' ? printableLines(word) : word)));
  }
}

/** Ends quietly once nobody reads what is printed, as in `otolith topics | head -1`. */
function guardOutput(stream: NodeJS.WriteStream): void {
  let ending = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (ending) return;
    ending = true;
    if (error.code !== 'EPIPE') {
      const exitCode = failureOf(error).exitCode;
      if (stream !== process.stderr) console.error(`otolith: cannot print: ${error.message}`);
      process.exit(exitCode);
    }
    process.exitCode = EXIT.unread;
    // What has boards, emulators or a broker to put down does so at SIGTERM.
    if (process.listenerCount('SIGTERM') > 0) process.kill(process.pid, 'SIGTERM');
    else process.exit(EXIT.unread);
  });
}
