import { UserError } from '../base/errors.ts';

/** What a compiled module exports (firmware/wasm/module.c). Pointers and counts are numbers. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly __heap_base: WebAssembly.Global<'i32'>;
  readonly modelCount: () => number;
  readonly modelHash: (model: number) => number;
  readonly arenaBytes: (model: number) => number;
  readonly reset: (model: number, arena: number) => void;
  readonly feed: (model: number, arena: number, samples: number, count: number) => void;
  readonly finish: (model: number, arena: number, scores: number) => void;
}

const PAGE = 65536;
/** Samples handed over at a time. */
const CHUNK = 4096;
const alignUp = (n: number): number => Math.ceil(n / 16) * 16;

/** One model within a WebAssembly module, with memory of its own for one window at a time. */
export class ModuleInstance {
  readonly hash: string;
  readonly #exports: Exports;
  readonly #index: number;
  readonly #arena: number;
  readonly #samples: number;
  readonly #scores: number;
  readonly #classes: number;

  /** @throws UserError `wasm` when the bytes are not a module of compiled models. */
  static async load(bytes: Uint8Array<ArrayBuffer>, index: number, classes: number) {
    try {
      const { instance } = await WebAssembly.instantiate(bytes);
      return new ModuleInstance(checked(instance.exports), index, classes);
    } catch (cause) {
      if (cause instanceof UserError) throw cause;
      throw new UserError('wasm', 'a compiled model could not be loaded', { cause });
    }
  }

  private constructor(exports: Exports, index: number, classes: number) {
    if (index >= exports.modelCount()) throw new RangeError(`no model ${index} in the module`);
    this.#exports = exports;
    this.#index = index;
    this.#classes = classes;
    this.#arena = alignUp(exports.__heap_base.value);
    this.#samples = alignUp(this.#arena + exports.arenaBytes(index));
    this.#scores = this.#samples + CHUNK * 2;
    const end = this.#scores + classes * 4;
    const missing = end - exports.memory.buffer.byteLength;
    if (missing > 0) exports.memory.grow(Math.ceil(missing / PAGE));
    const at = exports.modelHash(index);
    this.hash = Buffer.from(new Uint8Array(exports.memory.buffer, at, 32)).toString('hex');
  }

  reset(): void {
    this.#exports.reset(this.#index, this.#arena);
  }

  feed(samples: Int16Array): void {
    for (let at = 0; at < samples.length; at += CHUNK) {
      const chunk = samples.subarray(at, at + CHUNK);
      new Int16Array(this.#exports.memory.buffer, this.#samples, chunk.length).set(chunk);
      this.#exports.feed(this.#index, this.#arena, this.#samples, chunk.length);
    }
  }

  finish(): Int32Array {
    this.#exports.finish(this.#index, this.#arena, this.#scores);
    return new Int32Array(this.#exports.memory.buffer, this.#scores, this.#classes).slice();
  }
}

function checked(exports: WebAssembly.Exports): Exports {
  const functions = ['modelCount', 'modelHash', 'arenaBytes', 'reset', 'feed', 'finish'];
  const whole =
    functions.every((name) => typeof exports[name] === 'function') &&
    exports.memory instanceof WebAssembly.Memory &&
    exports.__heap_base instanceof WebAssembly.Global;
  if (!whole) throw new UserError('wasm', 'a WebAssembly module is not one of compiled models');
  // The loop above has looked at every field.
  return exports as unknown as Exports;
}
