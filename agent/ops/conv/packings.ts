import type { KernelSet } from '../../c/kernel-sets.ts';
import { dspPacking } from './pack-dsp.ts';
import { mvePacking } from './pack-mve.ts';
import { portablePacking } from './pack-portable.ts';
import { wasmPacking } from './pack-wasm.ts';
import type { ConvPacking } from './packing.ts';

export const convPackings: Readonly<Record<KernelSet, ConvPacking>> = {
  portable: portablePacking,
  dsp: dspPacking,
  mve: mvePacking,
  wasm: wasmPacking,
};
