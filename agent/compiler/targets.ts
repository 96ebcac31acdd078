import type { Core } from '../boards/cores.ts';
import type { Target } from '../build/target.ts';
import type { KernelSet } from '../c/kernel-sets.ts';

/** The kernels that a target runs; firmware/nn/oto_nn.h refuses a compiler whose target cannot run them. */
export function kernelsFor(target: Target): KernelSet {
  switch (target.kind) {
    case 'host':
    case 'portable':
      return 'portable';
    case 'wasm':
      return 'wasm';
    case 'board':
      return CORE_KERNELS[target.core];
  }
}

const CORE_KERNELS: Readonly<Record<Core, KernelSet>> = {
  'cortex-m4': 'dsp',
  'cortex-m7': 'dsp',
  'cortex-m33': 'dsp',
  'cortex-m55': 'mve',
};
