import type { AudioEvent, AudioSource } from '../../agent/audio/source.ts';
import { loadConfigFile } from '../../agent/config/load.ts';
import type { PipelineSettings } from '../../agent/run/audio-pipeline.ts';
import { Gateway } from '../../agent/run/gateway.ts';
import type { WindowResult } from '../../agent/run/window-result.ts';
import { subscribe } from '../publish/broker.ts';
import { type Changes, configure, ROOT } from './program.ts';

/** Audio by order of the test: so many windows and no more, at whatever time the clock says. */
class OrderedSource implements AudioSource {
  readonly name = 'orders';
  readonly restarts = 0;
  readonly #orders: Orders;
  readonly #settings: PipelineSettings;

  constructor(orders: Orders, settings: PipelineSettings) {
    this.#orders = orders;
    this.#settings = settings;
  }

  async *events(signal: AbortSignal): AsyncGenerator<AudioEvent, void> {
    yield { kind: 'gap' };
    yield { kind: 'state', state: 'online' };
    while (!signal.aborted) {
      await this.#orders.wait(signal);
      if (signal.aborted || !this.#orders.take()) continue;
      const samples = new Int16Array(this.#settings.windowSamples);
      yield { kind: 'samples', samples, at: this.#orders.clock.ms };
      yield { kind: 'gap' };
      this.#orders.clock.ms += this.#settings.audio.hop;
    }
  }
}

class Orders {
  readonly clock = { ms: 1_000_000 };
  #left = 0;
  #wake = (): void => {};

  add(windows: number): void {
    this.#left += windows;
    this.#wake();
  }

  take(): boolean {
    return this.#left-- > 0;
  }

  async wait(signal: AbortSignal): Promise<void> {
    if (this.#left > 0 || signal.aborted) return;
    this.#left = 0;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}

/** A whole gateway in this process, with a broker of its own, which hears as many windows as it is told to. */
export async function startGateway(changes: Changes) {
  const { file, url, write } = await configure(changes);
  const orders = new Orders();
  const lines: string[] = [];
  const results: WindowResult[] = [];
  const stop = new AbortController();
  const clock = () => orders.clock.ms;
  const read = async () => (await loadConfigFile(file)).config;
  const gateway = new Gateway(await read(), {
    log: (line) => void lines.push(line),
    window: (result) => void results.push(result),
    task: () => ({ update: () => {}, end: (line) => void (line && lines.push(line)) }),
    now: clock,
    monotonic: clock,
    openSource: (settings) => new OrderedSource(orders, settings),
  });
  let ended: Promise<boolean> = Promise.resolve(true);
  await new Promise<void>((resolve, reject) => {
    ended = gateway.run(stop.signal, resolve);
    ended.catch(reject);
  });
  const { client, seen } = await subscribe(url, '#');
  const on = (topic: string) =>
    seen.filter((s) => s.topic === `${ROOT}/${topic}`).map((s) => JSON.parse(s.payload));
  return {
    ...{ gateway, lines, results, seen, on, client },
    /** Hears so many windows. */
    hear: (windows: number) => orders.add(windows),
    /** Reads the configuration again, as SIGHUP does. */
    reload: async (more: Changes) => {
      write(more);
      await gateway.reload(await read(), stop.signal);
    },
    stop: async () => {
      stop.abort();
      await client.endAsync(true);
      return ended;
    },
  };
}
