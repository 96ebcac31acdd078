import { type Target, toolOf } from '../../build/target.ts';
import type { KernelSet } from '../../c/kernel-sets.ts';
import { kindOf, type Model, windowSamplesOf } from '../../model/model.ts';
import { type Emitted, emitModel } from '../emit.ts';
import { kernelsFor } from '../targets.ts';

/** What generated C can be exported for: a WebAssembly module is one file already. */
export type ExportTarget = Exclude<Target, { kind: 'wasm' | 'host' }>;

/** A file of an export: its path in the folder, with slashes, and its text. */
export interface ExportedFile {
  readonly path: string;
  readonly text: string;
}

/** What the files of an export are made from. */
export interface ExportContext {
  readonly model: Model;
  readonly kind: 'int8' | 'xnor';
  readonly target: ExportTarget;
  readonly kernels: KernelSet;
  readonly emitted: Emitted;
  /** The network's name as C identifiers begin: `micro_net`, and `MICRO_NET` for macros. */
  readonly id: string;
  readonly macro: string;
  readonly windowSamples: number;
  /** Compiler and processor flags of the target, warnings and optimisation apart. */
  readonly compiler: string;
  readonly flags: readonly string[];
}

export function exportContext(model: Model, target: ExportTarget): ExportContext {
  const kernels = kernelsFor(target);
  const id = identifierOf(model.metadata.name);
  const board = target.kind === 'board';
  return {
    model,
    kind: kindOf(model),
    target,
    kernels,
    emitted: emitModel(model, { kernels, symbol: `${id}_model` }),
    id,
    macro: id.toUpperCase(),
    windowSamples: windowSamplesOf(model),
    compiler: board ? toolOf(target) : 'cc',
    flags: board ? [...target.flags, '-mthumb'] : [],
  };
}

/** A name of a model as a C identifier; a digit cannot begin one. */
function identifierOf(name: string): string {
  const id = name.replaceAll(/[^a-z0-9]+/g, '_').replace(/_+$/, '');
  return /^[a-z]/.test(id) ? id : `net_${id}`;
}
