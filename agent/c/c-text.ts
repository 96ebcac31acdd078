/** C initializer of an oto_shape. */
export const shapeText = (shape: readonly number[]): string => `{${shape.join(', ')}}`;

/** The C side's word that a layout has the room that its kernels take. */
export const holds = (needed: string, bytes: number, what: string): string =>
  `_Static_assert(${needed} <= ${bytes}, "${what}");`;

/** Casts of an address in the arena to what a kernel reads or writes there. */
export const asSigns = (address: string): string => `(const uint32_t *)(const void *)(${address})`;
export const asStream = (address: string): string => `(const int16_t *)(const void *)(${address})`;
