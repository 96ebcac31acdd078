/** How channels are ranked; `hybrid` is `taylor` on weights that were first thinned by magnitude. */
export const PRUNINGS = ['l0', 'l2', 'taylor', 'hybrid'] as const;
export type Pruning = (typeof PRUNINGS)[number];
