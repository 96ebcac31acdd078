import type { ConvStage, XnorStage } from './stages.ts';

/** C initializer of an oto_shape. */
export const shapeText = (shape: readonly number[]): string => `{${shape.join(', ')}}`;

/** C initializer of an oto_window. */
export function windowText(stage: ConvStage | XnorStage): string {
  const { layer, window, placed } = stage;
  const [kh, kw] = window.kernel;
  const [top, left] = window.pad;
  return (
    `{.in = ${shapeText(placed.input.shape)}, .out = ${shapeText(placed.output.shape)}, .kernel_h = ${kh}, .kernel_w = ${kw},\n` +
    `               .stride_h = ${layer.stride[0]}, .stride_w = ${layer.stride[1]}, .pad_top = ${top}, .pad_left = ${left}, .pool_h = ${layer.pool[0]}, .pool_w = ${layer.pool[1]}}`
  );
}

/** The C side's word that a layout has the room that its kernels take. */
export const holds = (needed: string, bytes: number, what: string): string =>
  `_Static_assert(${needed} <= ${bytes}, "${what}");`;
