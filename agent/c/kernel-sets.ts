/** Sets of C kernels (firmware/nn): each packs weights, and takes scratch memory, in its own way. */
export const KERNEL_SETS = ['portable', 'dsp', 'mve', 'wasm'] as const;
export type KernelSet = (typeof KERNEL_SETS)[number];
