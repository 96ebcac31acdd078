// The part of the WebAssembly JavaScript interface that the engine uses; Node's own types leave it to browser libraries.
declare namespace WebAssembly {
  class Memory {
    readonly buffer: ArrayBuffer;
    /** Adds pages of 64 KiB; buffers taken before are detached. */
    grow(pages: number): number;
  }
  class Global<T extends 'i32'> {
    readonly value: T extends 'i32' ? number : never;
  }
  type Exports = Readonly<Record<string, unknown>>;
  interface Instance {
    readonly exports: Exports;
  }
  function validate(bytes: Uint8Array<ArrayBuffer>): boolean;
  function instantiate(
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<{ readonly instance: Instance; readonly module: Module }>;
}
