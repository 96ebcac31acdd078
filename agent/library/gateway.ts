import { cacheFolder } from '../base/root.ts';
import { type Classification, CompiledModel } from '../engine/compiled-model.ts';
import type { Model } from '../model/model.ts';

/** A model that runs in this process, as it does on the gateway: bit-exact WebAssembly, one window at a time. */
export interface GatewayModel {
  readonly model: Model;
  /** Samples of a window, at `model.metadata.sampleRate`. */
  readonly windowSamples: number;
  /** Classifies one whole window of int16 samples. @throws RangeError for more or fewer samples than a window has */
  run(samples: Int16Array): Classification;
  /** Begins a window that comes in portions. */
  reset(): void;
  /** The window's next samples. @throws RangeError beyond the end of the window */
  feed(samples: Int16Array): void;
  /** What a window that is complete sounds like. @throws RangeError before */
  finish(): Classification;
}

export interface CompileOptions {
  /** Where compiled modules are kept; default: `OTOLITH_CACHE`, else `otolith` in the user's cache. */
  readonly cache?: string;
  readonly signal?: AbortSignal;
}

/**
 * Compiles a model for this machine. The modules of the zoo come with the package; others need `clang` and `wasm-ld` once,
 * and are kept.
 * @throws UserError `tool-missing` without a compiler that is needed; `tool-failed`, `tool-timeout`, `wasm`
 */
export function compileForGateway(
  model: Model,
  { cache = cacheFolder(), signal }: CompileOptions = {},
): Promise<GatewayModel> {
  return CompiledModel.load(model, { cache, ...(signal === undefined ? {} : { signal }) });
}
