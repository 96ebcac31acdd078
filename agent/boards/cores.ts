/** Cores that have kernels of their own. */
export const CORES = ['cortex-m4', 'cortex-m7', 'cortex-m33', 'cortex-m55'] as const;
export type Core = (typeof CORES)[number];
