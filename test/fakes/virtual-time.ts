import type { Clock } from '../../agent/base/clock.ts';
import type { OpenPort } from '../../agent/smp/port.ts';
import type { Damage, Device } from './line.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
}

/** Rounds of the event loop after which whatever could happen without time has happened. */
const SETTLE_ROUNDS = 12;

/** Time that passes only when nothing else is left to do, so that a test's hours take no time and repeat exactly. */
export class VirtualClock implements Clock {
  #now = 0;
  #order = 0;
  #timers: Timer[] = [];

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason);
        return;
      }
      const cancel = this.after(ms, resolve);
      signal?.addEventListener('abort', () => {
        cancel();
        reject(signal.reason);
      });
    });
  }

  /** Calls `act` in `ms`; returns what prevents it. */
  after(ms: number, act: () => void): () => void {
    const timer = { at: this.#now + ms, order: this.#order++, act };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  /** Lets time pass until the promise is settled. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const done = promise.finally(() => {
      settled = true;
    });
    done.catch(() => {});
    for (;;) {
      for (let i = 0; i < SETTLE_ROUNDS; i++) await new Promise(setImmediate);
      if (settled) return done;
      const next = this.#timers.sort((a, b) => a.at - b.at || a.order - b.order).shift();
      if (next === undefined) throw new Error('nothing will ever happen');
      this.#now = Math.max(this.#now, next.at);
      next.act();
    }
  }
}

export interface LineSpeed {
  readonly bytesPerMs: number;
  /** From the last byte of a write to its arrival, each way. */
  readonly latencyMs: number;
}

/** A serial line in virtual time: bytes take theirs, one behind the other, and may be damaged both ways. */
export function virtualLine(
  clock: VirtualClock,
  speed: LineSpeed,
  damage: Damage,
  build: (send: (bytes: Uint8Array) => void) => Device,
): { readonly open: OpenPort; carried(): number } {
  let carried = 0;
  let receive: (bytes: Uint8Array) => void = () => {};
  const lane = (deliver: (bytes: Uint8Array) => void) => {
    let free = 0;
    return (bytes: Uint8Array): void => {
      carried += bytes.length;
      free = Math.max(free, clock.now()) + bytes.length / speed.bytesPerMs;
      const damaged = damage(bytes);
      clock.after(free + speed.latencyMs - clock.now(), () => deliver(damaged));
    };
  };
  const device: Device = build(lane((bytes) => receive(bytes)));
  const toDevice = lane((bytes) => device.receive(bytes));
  const open: OpenPort = async () => ({
    name: 'virtual',
    write: async (bytes) => toDevice(bytes),
    onData: (callback) => {
      receive = callback;
    },
    onLost: () => {},
    close: async () => {},
  });
  return { open, carried: () => carried };
}
