import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';

/** What befalls one connection: how many ms after it was made, and how. `silence`: bytes vanish both ways from then on. */
export interface Cut {
  readonly afterMs: number;
  readonly how: 'reset' | 'fin' | 'silence';
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

/** A TCP line to a broker that delays every byte and cuts its first connections, one after the other, as told. */
export class BadLine {
  connections = 0;
  readonly #target: number;
  readonly #delayMs: number;
  readonly #cuts: readonly Cut[];
  readonly #pairs = new Set<Pair>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #server = createServer((near) => this.#carry(near));

  constructor(target: number, delayMs: number, cuts: readonly Cut[]) {
    this.#target = target;
    this.#delayMs = delayMs;
    this.#cuts = cuts;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const { near, far } of this.#pairs) for (const socket of [near, far]) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #later(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
  }

  #carry(near: Socket): void {
    const cut = this.#cuts[this.connections++];
    const far = createConnection(this.#target, '127.0.0.1');
    const pair = { near, far };
    this.#pairs.add(pair);
    let silent = false;
    const pass = (from: Socket, to: Socket) => {
      from.on('error', () => undefined);
      from.on('data', (bytes) =>
        this.#later(this.#delayMs, () => {
          if (!silent && to.writable) to.write(bytes);
        }),
      );
      from.on('close', () => this.#later(this.#delayMs, () => silent || to.destroy()));
    };
    pass(near, far);
    pass(far, near);
    if (cut === undefined) return;
    this.#later(cut.afterMs, () => {
      silent = cut.how === 'silence';
      if (cut.how === 'reset') near.resetAndDestroy();
      if (cut.how === 'fin') near.end();
      far.destroy();
    });
  }
}
