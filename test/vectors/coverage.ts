import type { Model } from '../../agent/model/model.ts';
import type { PlacedLayer } from '../../agent/model/shapes.ts';
import { convGeometry } from '../../agent/ops/convolution/window.ts';
import { WINDOW } from '../../agent/ops/maps.ts';

/** What a network has that kernels treat in ways of their own, e.g. "conv 3x3 stride 2x1" or "in channels 33". */
export function featuresOf(model: Model): readonly string[] {
  const found = model.layers.flatMap((placed) => featuresOfLayer(placed));
  const [h, w, c] = model.metadata.input;
  return [
    ...new Set([
      ...found,
      h === 1 && c === 1 ? 'window 1-D' : `window of ${c} channels`,
      `${w % 2 ? 'odd' : 'even'} window`,
    ]),
  ];
}

function featuresOfLayer({ layer, inputs: [input], output }: PlacedLayer): readonly string[] {
  const flow = `${layer.kind} ${input.type} -> ${output.type}`;
  const zero = output.type === 'int8' ? [`zero point ${output.zeroPoint}`] : [];
  if (layer.kind === 'lstm') return [flow, `lstm of ${layer.units}`];
  if (layer.kind !== 'conv' && layer.kind !== 'xnorConv') return [flow, ...zero];
  const { height, width } = convGeometry(input.shape, layer);
  const dropped = height % layer.pool[0] !== 0 || width % layer.pool[1] !== 0;
  const pooled = layer.pool[0] * layer.pool[1] > 1;
  const stride = layer.stride[0] * layer.stride[1] > 1 ? 'strided' : 'unit stride';
  const residual =
    layer.kind === 'xnorConv' && layer.output.type === 'residual'
      ? [
          ...(layer.output.shortcut === WINDOW ? ['shortcut from the window'] : []),
          `shortcut ${layer.channels === input.shape[2] ? 'identity' : layer.channels > input.shape[2] ? 'repeated' : 'cut'}`,
        ]
      : [];
  return [
    flow,
    ...zero,
    ...residual,
    `${layer.kind} kernel ${layer.kernel.join('x')}`,
    `${layer.kind} ${stride} ${layer.padding}`,
    `${layer.kind} in channels ${input.shape[2]}`,
    `${layer.kind} out channels ${layer.channels}`,
    ...(pooled ? [`${layer.kind} pool ${dropped ? 'that drops' : 'that fits'}`] : []),
    ...(layer.kind === 'xnorConv' ? [`padding with ${layer.padValue}`] : []),
  ];
}

const both = (...rest: readonly string[]): readonly string[] =>
  ['conv', 'xnorConv'].flatMap((kind) => rest.map((text) => `${kind} ${text}`));

/** What the whole set must contain. */
export const REQUIRED: readonly string[] = [
  ...both(...[1, 2, 3, 5, 7, 8, 15, 16, 17, 31, 32, 33, 64].map((n) => `in channels ${n}`)),
  ...both(...[1, 2, 3, 31, 32, 33, 63, 64, 65].map((n) => `out channels ${n}`)),
  ...both(...['1x1', '3x3', '5x5', '1x5', '1x3', '2x2', '3x1'].map((k) => `kernel ${k}`)),
  ...both('strided same', 'strided valid', 'unit stride same', 'unit stride valid'),
  ...both('pool that drops', 'pool that fits'),
  ...['int8', 'int16'].flatMap((from) =>
    ['int8', 'int16', 'bits'].map((to) => `conv ${from} -> ${to}`),
  ),
  ...['int8', 'int16', 'bits'].map((to) => `xnorConv bits -> ${to}`),
  ...['int8', 'int16', 'bits'].map((type) => `channelsToHeight ${type} -> ${type}`),
  ...[
    'logMel int16 -> int8',
    'lstm int8 -> int8',
    'sign int8 -> bits',
    'sign int16 -> bits',
    'average int8 -> int8',
    'dense int8 -> int8',
    'dense int8 -> scores',
  ],
  ...[1, 3, 16, 17, 31].map((n) => `lstm of ${n}`),
  ...['padding with 0', 'padding with 1', 'padding with -1'],
  'shortcut from the window',
  ...['shortcut identity', 'shortcut repeated', 'shortcut cut'],
  ...['window 1-D', 'odd window', 'even window'],
  ...Array.from({ length: 256 }, (_, i) => `zero point ${i - 128}`),
];
