import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { packageRoot } from '../../agent/base/root.ts';
import { memoryPath } from '../../agent/emulator/qemu.ts';
import { type Announcement, announce } from '../../agent/emulator/registry.ts';
import type { Device } from './line.ts';

/** A board of the test behind a pty whose process looks like an emulator: it holds the pty and names a flash file. */
export class FakeEmulator {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly port: string;

  private constructor(child: ChildProcessByStdio<Writable, Readable, null>, port: string) {
    this.#child = child;
    this.port = port;
  }

  static async start(
    flash: string,
    build: (send: (bytes: Uint8Array) => void) => Device,
  ): Promise<FakeEmulator> {
    const program = join(packageRoot, 'test/fakes/pseudo_terminal.py');
    const words = [program, '-object', `memory-backend-file,id=nv,${memoryPath(flash)},share=on`];
    const child = spawn('python3', words, { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.on('error', () => {});
    const [first] = await once(child.stdout, 'data');
    const device = build((bytes) => child.stdin.write(bytes));
    child.stdout.on('data', (bytes: Buffer) => device.receive(bytes));
    return new FakeEmulator(child, String(first).trim());
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  announce(stateDir: string, board: string, flash: string): Promise<Announcement> {
    return announce(stateDir, { board, port: this.port, pid: this.pid, flash });
  }

  /** As kill -9: nothing is withdrawn. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}
