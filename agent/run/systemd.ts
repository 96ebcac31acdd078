import { spawn } from 'node:child_process';

const MICROSECONDS_PER_MS = 1000;
/** How often within its time a watchdog is fed. */
const ASKED = 4;
/** How often it says how it is where nothing asks for a sign of life. */
const STATUS_MS = 15_000;

/**
 * Tells systemd how the service is (`READY=1`, `STOPPING=1`, `WATCHDOG=1`, `STATUS=`) through its own systemd-notify; Node has no
 * datagram sockets of the kind it takes. Does nothing where the program was not started as a notifying service.
 */
export class Systemd {
  readonly #env: Readonly<Record<string, string | undefined>>;
  #timer: NodeJS.Timeout | undefined;

  constructor(env: Readonly<Record<string, string | undefined>> = process.env) {
    this.#env = env;
  }

  /** How long systemd waits for a sign of life, in ms; 0 where it does not. */
  get watchdogMs(): number {
    const microseconds = Number(this.#env.WATCHDOG_USEC ?? 0);
    return microseconds > 0 ? microseconds / MICROSECONDS_PER_MS : 0;
  }

  /**
   * The service is up; from now on it vouches for itself as long as `isAlive` says so, and says how it is, in one line.
   */
  ready(isAlive: () => boolean, status: () => string): void {
    this.#send('READY=1', `STATUS=${status()}`);
    const everyMs = this.watchdogMs === 0 ? STATUS_MS : this.watchdogMs / ASKED;
    this.#timer = setInterval(() => {
      const alive = this.watchdogMs > 0 && isAlive();
      this.#send(...(alive ? ['WATCHDOG=1'] : []), `STATUS=${status()}`);
    }, everyMs);
    this.#timer.unref();
  }

  stopping(): void {
    clearInterval(this.#timer);
    this.#send('STOPPING=1', 'STATUS=stopping');
  }

  #send(...states: readonly string[]): void {
    if (this.#env.NOTIFY_SOCKET === undefined) return;
    const child = spawn('systemd-notify', states, { stdio: 'ignore', env: { ...this.#env } });
    child.on('error', () => undefined); // systemd ends a service that it does not hear of, and says why
    child.unref();
  }
}
