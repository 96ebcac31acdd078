import type { KernelSet } from '../../c/kernel-sets.ts';
import { dspPacking } from './pack-dsp.ts';
import { mvePacking } from './pack-mve.ts';
import { wasmPacking } from './pack-wasm.ts';
import { portablePacking, type XnorPacking } from './packing.ts';

export const xnorPackings: Readonly<Record<KernelSet, XnorPacking>> = {
  portable: portablePacking,
  dsp: dspPacking,
  mve: mvePacking,
  wasm: wasmPacking,
};
