import type { OpenPort, Port } from '../../agent/smp/port.ts';

/** What a line does to bytes on their way. */
export type Damage = (bytes: Uint8Array) => Uint8Array;

export const cleanLine: Damage = (bytes) => bytes;

/** Drops, flips or doubles bytes, each with the given chance, by a generator of its own so that runs repeat. */
export function noisyLine(chance: number, seed: number): Damage {
  let x = seed;
  const random = (): number => {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0;
    return x / 2 ** 32;
  };
  return (bytes) => {
    const out: number[] = [];
    for (const byte of bytes) {
      if (random() >= chance) out.push(byte);
      else if (random() < 1 / 3) out.push(byte ^ (1 << Math.floor(random() * 8)));
      else if (random() < 1 / 2) out.push(byte, byte);
    }
    return Uint8Array.from(out);
  };
}

/** A device at the far end of the line: takes bytes, sends bytes through what it was given. */
export interface Device {
  receive(bytes: Uint8Array): void;
}

/** A plug that can be pulled: while it is out, opening fails, and pulling it loses the open port. */
export class FakeLine {
  readonly #device: (send: (bytes: Uint8Array) => void) => Device;
  readonly #damage: Damage;
  #receive: ((bytes: Uint8Array) => void) | undefined;
  #lost: ((why: string) => void) | undefined;
  #plugged = true;
  #built: Device | undefined;
  opened = 0;
  /** Bytes that went to the device. */
  carried = 0;
  /** Called before bytes reach the device; for tests that pull the plug at a given byte. */
  onCarry: (carried: number) => void = () => {};

  constructor(device: (send: (bytes: Uint8Array) => void) => Device, damage: Damage = cleanLine) {
    this.#device = device;
    this.#damage = damage;
  }

  readonly open: OpenPort = async () => {
    if (!this.#plugged) throw new Error('no such port');
    this.opened += 1;
    this.#built ??= this.#device((bytes) => this.#toAgent(bytes));
    const device = this.#built;
    const port: Port = {
      name: 'fake',
      write: async (bytes) => {
        if (!this.#plugged) throw new Error('the port is closed');
        this.carried += bytes.length;
        this.onCarry(this.carried);
        if (this.#plugged) setImmediate(() => device.receive(this.#damage(bytes)));
      },
      onData: (receive) => {
        this.#receive = receive;
      },
      onLost: (lost) => {
        this.#lost = lost;
      },
      close: async () => {
        this.#receive = undefined;
      },
    };
    return port;
  };

  unplug(why = 'unplugged'): void {
    this.#plugged = false;
    this.#receive = undefined;
    this.#lost?.(why);
  }

  plug(): void {
    this.#plugged = true;
  }

  #toAgent(bytes: Uint8Array): void {
    const damaged = this.#damage(bytes);
    setImmediate(() => this.#receive?.(damaged));
  }
}

export interface BadLine {
  readonly open: OpenPort;
  /** Times the port was opened. */
  opened(): number;
}

/** A real port whose bytes are damaged both ways, and which is lost once `cutAt` bytes have gone out, if given. */
export function badLine(open: OpenPort, damage: Damage, cutAt?: number): BadLine {
  let sent = 0;
  let opened = 0;
  let cut = false;
  const openBad: OpenPort = async (signal) => {
    const port = await open(signal);
    opened += 1;
    let lost: (why: string) => void = () => {};
    return {
      name: port.name,
      write: async (bytes) => {
        sent += bytes.length;
        if (cutAt === undefined || cut || sent < cutAt) return port.write(damage(bytes));
        cut = true;
        // The plug goes in the middle of a write: part of it still gets through.
        await port.write(damage(bytes.subarray(0, bytes.length >> 1)));
        await port.close();
        lost('unplugged');
      },
      onData: (receive) => port.onData((bytes) => receive(damage(bytes))),
      onLost: (callback) => {
        lost = callback;
        port.onLost(callback);
      },
      close: () => port.close(),
    };
  };
  return { open: openBad, opened: () => opened };
}
