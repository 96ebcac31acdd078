import { UserError } from '../base/errors.ts';
import { type Model, windowSamplesOf } from '../model/model.ts';
import { bestClass, probabilitiesOf, scoreScaleQ24 } from '../model/scores.ts';
import { type WasmSource, wasmOf } from './cache.ts';
import { ModuleInstance } from './module.ts';

/** What a network says about one window. */
export interface Classification {
  /** Integer scores, the same on every target. */
  readonly scores: Int32Array;
  /** Softmax of the scores. */
  readonly probabilities: Float64Array;
  /** Index of the class with the highest score. */
  readonly class: number;
  readonly label: string;
}

/**
 * A deployed model compiled to WebAssembly. One window at a time: `run`, or `reset`, `feed` as samples arrive, `finish`.
 * Samples are int16 at the model's rate; a window has `windowSamples` of them.
 */
export class CompiledModel {
  readonly model: Model;
  readonly windowSamples: number;
  readonly #module: ModuleInstance;
  readonly #scaleQ24: number;
  #fed = 0;

  /** @throws UserError `tool-missing` and the other codes of `runTool`; `wasm` for a module that does not fit. */
  static async load(model: Model, source: WasmSource): Promise<CompiledModel> {
    return CompiledModel.fromWasm(model, await wasmOf(model, source));
  }

  /** @throws UserError `wasm` when the module is not this model's. */
  static async fromWasm(
    model: Model,
    bytes: Uint8Array<ArrayBuffer>,
    index = 0,
  ): Promise<CompiledModel> {
    const module = await ModuleInstance.load(bytes, index, model.metadata.labels.length);
    if (module.hash !== model.hash) {
      throw new UserError('wasm', `a compiled module is not of the model ${model.metadata.name}`, {
        hint: 'remove it; it is compiled again',
      });
    }
    return new CompiledModel(model, module);
  }

  private constructor(model: Model, module: ModuleInstance) {
    this.model = model;
    this.windowSamples = windowSamplesOf(model);
    this.#module = module;
    this.#scaleQ24 = scoreScaleQ24(model);
    module.reset();
  }

  /** Classifies one whole window. */
  run(samples: Int16Array): Classification {
    this.reset();
    this.feed(samples);
    return this.finish();
  }

  /** Begins a window. */
  reset(): void {
    this.#fed = 0;
    this.#module.reset();
  }

  /** Takes the next samples of the window, in any portions. */
  feed(samples: Int16Array): void {
    if (this.#fed + samples.length > this.windowSamples) {
      throw new RangeError(`more than the ${this.windowSamples} samples of a window`);
    }
    this.#fed += samples.length;
    this.#module.feed(samples);
  }

  /** The verdict on a window that is complete. */
  finish(): Classification {
    if (this.#fed !== this.windowSamples) {
      throw new RangeError(`${this.#fed} of the ${this.windowSamples} samples of a window`);
    }
    const scores = this.#module.finish();
    const probabilities = probabilitiesOf(scores, this.#scaleQ24);
    const best = bestClass(scores);
    return {
      scores,
      probabilities,
      class: best,
      label: this.model.metadata.labels[best] ?? String(best),
    };
  }
}
