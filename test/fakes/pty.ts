import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { packageRoot } from '../../agent/base/root.ts';
import type { Device } from './line.ts';

/** A device of the test behind a real pty, for code that opens serial ports. */
export class PtyDevice {
  #child: ChildProcessByStdio<Writable, Readable, null> | undefined;

  /** Makes the pty and returns its path; the device hears what is written there. */
  async start(build: (send: (bytes: Uint8Array) => void) => Device): Promise<string> {
    const child = spawn('python3', [join(packageRoot, 'test/fakes/pseudo_terminal.py')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child = child;
    child.stdin.on('error', () => {});
    const first = await new Promise<Buffer>((resolve, reject) => {
      child.stdout.once('data', resolve);
      child.once('exit', () => reject(new Error('no pty was made')));
    });
    const device = build((bytes) => child.stdin.write(bytes));
    child.stdout.on('data', (bytes: Buffer) => device.receive(bytes));
    return first.toString('utf8').trim();
  }

  /** Pulls the plug: the pty goes away. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    if (child.exitCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
}
