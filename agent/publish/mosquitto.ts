import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf, UserError } from '../base/errors.ts';
import { makeFolder } from '../base/folder.ts';

/** It answers at once on a PC; one that fails ends, which is noticed at once anywhere. */
const READY_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 2000;
const RESTART_PAUSE_MS = 1000;
const PORTS_TRIED = 50;

/** Where Debian puts it: not on the PATH of ordinary users. */
function program(): string {
  return ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto'].find(existsSync) ?? 'mosquitto';
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

async function freePort(wanted: number): Promise<number> {
  for (let port = wanted; port < Math.min(65_536, wanted + PORTS_TRIED); port++) {
    if (await isFree(port)) return port;
  }
  throw new UserError('broker', `ports ${wanted} to ${wanted + PORTS_TRIED - 1} are all taken`, {
    hint: 'set mqtt.port to a free one, or mqtt.url to a broker that runs',
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Ends the mosquitto that a killed otolith left behind: only if its command line names our configuration. */
async function endOrphan(pidFile: string, configFile: string): Promise<void> {
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''));
  const commandLine = () => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  if (!(pid > 1) || !(await commandLine()).includes(configFile)) return;
  process.kill(pid, 'SIGTERM');
  const deadline = AbortSignal.timeout(STOP_TIMEOUT_MS);
  while ((await commandLine()) !== '' && !deadline.aborted) {
    await sleep(20);
  }
}

export interface MosquittoOptions {
  readonly port: number;
  /** Where its configuration and retained messages live. */
  readonly directory: string;
  readonly onDeath: (text: string) => void;
}

/** A mosquitto of our own on loopback, restarted when it dies. */
export class Mosquitto {
  readonly #options: MosquittoOptions;
  #child: ChildProcess | undefined;
  #restart: NodeJS.Timeout | undefined;
  #stopped = false;
  #port = 0;

  constructor(options: MosquittoOptions) {
    this.#options = options;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  /** Starts it on the wanted port or the next free one; fails with a UserError when it cannot run. */
  async start(): Promise<void> {
    const { directory, port } = this.#options;
    await makeFolder(directory);
    await endOrphan(this.#pidFile, this.#file);
    this.#port = await freePort(port);
    const lines = [
      `listener ${this.#port} 127.0.0.1`,
      'allow_anonymous true',
      'persistence true',
      `persistence_location ${directory}/`,
      'autosave_interval 300',
      'max_packet_size 1048576',
      ...(process.getuid?.() === 0 ? ['user root'] : []),
    ];
    await this.#configure(`${lines.join('\n')}\n`);
    const failure = this.#spawn();
    const deadline = AbortSignal.timeout(READY_TIMEOUT_MS);
    while (!(await answers(this.#port))) {
      const error = failure();
      if (error !== undefined || deadline.aborted) {
        await this.stop();
        throw new UserError('broker', `mosquitto does not start (${error ?? 'no answer'})`, {
          hint: 'apt-get install mosquitto, or set mqtt.url to a broker that runs',
        });
      }
      await sleep(20);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#restart);
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const forced = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(forced);
  }

  get #pidFile(): string {
    return join(this.#options.directory, 'mosquitto.pid');
  }

  get #file(): string {
    return join(this.#options.directory, 'mosquitto.conf');
  }

  /** Leaves a file alone that says the same: a full disk would take its text away. */
  async #configure(text: string): Promise<void> {
    const before = await readFile(this.#file, 'utf8').catch(() => undefined);
    if (before !== text) await writeFile(this.#file, text);
  }

  /** For the next start, should this one be killed; a full disk is no reason to end. */
  #writePid(pid: number): void {
    try {
      writeFileSync(this.#pidFile, String(pid));
    } catch (error) {
      this.#options.onDeath(`broker: ${reasonOf(error)}`);
    }
  }

  /** Gives a function that gives the reason once it has failed. */
  #spawn(): () => string | undefined {
    let failure: string | undefined;
    const child = spawn(program(), ['-c', this.#file], { stdio: ['ignore', 'ignore', 'pipe'] });
    let output = '';
    child.stderr.on('data', (bytes: Buffer) => {
      output = (output + bytes.toString()).slice(-500);
    });
    child.once('error', (error) => {
      failure = reasonOf(error);
    });
    child.once('exit', (code, signal) => {
      failure = output.trim().split('\n').at(-1) || `exit ${code ?? signal}`;
      if (this.#stopped) return;
      this.#options.onDeath(`mosquitto ended (${failure}); starting it again`);
      this.#restart = setTimeout(() => this.#spawn(), RESTART_PAUSE_MS);
    });
    this.#child = child;
    if (child.pid !== undefined) this.#writePid(child.pid);
    return () => failure;
  }
}
