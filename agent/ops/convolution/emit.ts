import { shapeText } from '../../c/c-text.ts';
import type { AnyLayer, Placed } from '../operator.ts';
import { trim } from './taps.ts';
import type { Sliding } from './window.ts';

type PlacedSliding = Placed<AnyLayer & Sliding>;

/** C initializer of an oto_window. */
export function windowText(placed: PlacedSliding): string {
  const { layer, inputs, output } = placed;
  const { kernel, pad } = trim(placed);
  return (
    `{.in = ${shapeText(inputs[0].shape)}, .out = ${shapeText(output.shape)}, .kernel_h = ${kernel[0]}, .kernel_w = ${kernel[1]},\n` +
    `               .stride_h = ${layer.stride[0]}, .stride_w = ${layer.stride[1]}, .pad_top = ${pad[0]}, .pad_left = ${pad[1]}, .pool_h = ${layer.pool[0]}, .pool_w = ${layer.pool[1]}}`
  );
}

/** What a comment says of a convolution. */
export function windowRemark({ layer }: PlacedSliding): string {
  const { kernel, stride, padding, pool } = layer;
  return `kernel ${kernel.join('x')}, stride ${stride.join('x')}, ${padding}, pool ${pool.join('x')}`;
}
