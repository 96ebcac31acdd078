import { Random } from '../../agent/base/random.ts';
import type { Model } from '../../agent/model/model.ts';
import { cases as average } from '../../agent/ops/average/cases.ts';
import { randomConv } from '../../agent/ops/conv/cases.ts';
import type { ConvLayer } from '../../agent/ops/conv/layer.ts';
import { cases as dense } from '../../agent/ops/dense/cases.ts';
import { cases as logMel } from '../../agent/ops/log-mel/cases.ts';
import { cases as lstm } from '../../agent/ops/lstm/cases.ts';
import { WINDOW } from '../../agent/ops/maps.ts';
import { randomOutput } from '../../agent/ops/output-stage/cases.ts';
import { cases as sign } from '../../agent/ops/sign/cases.ts';
import { randomResidual, randomXnor } from '../../agent/ops/xnor-conv/cases.ts';
import { Builder } from './builder.ts';
import { familyOf, inputOf } from './families.ts';

type Pair = [number, number];
/**
 * A small random network: what it is made of depends on the seed alone. Every operator, output type, padding and
 * kernel shape of SPEC.md turns up over consecutive seeds; networks.test.ts counts them.
 */
export function randomNetwork(seed: number): Model {
  const random = new Random(seed * 2654435761);
  const family = familyOf(seed);
  const builder = new Builder(random, `vector-${seed}`, seed, inputOf(random, family));
  switch (family) {
    case 'image':
    case 'wide':
      body(builder, random.int(1, 3));
      break;
    case 'stream':
      stream(builder, false);
      body(builder, random.int(0, 2));
      break;
    case 'binaryStream':
      stream(builder, true);
      body(builder, random.int(0, 2));
      break;
    case 'signs':
      builder.add(randomConv(builder.context(), ['bits']));
      body(builder, random.int(1, 3));
      break;
    case 'residual':
      builder.add(randomConv(builder.context(), ['int16']));
      for (let i = random.int(1, 3); i > 0; i--) residual(builder);
      break;
    case 'residualWindow':
      for (let i = random.int(1, 2); i > 0; i--) residual(builder);
      break;
    case 'spectrogram':
      builder.add(logMel.layer(builder.context()));
      body(builder, random.int(1, 2));
      break;
    case 'recurrent':
      builder.add(randomConv(builder.context(), ['int8']));
      builder.add(lstm.layer(builder.context()));
      break;
    case 'recurrentSpectrogram':
      builder.add(logMel.layer(builder.context()));
      if (random.chance(0.3)) builder.add(randomConv(builder.context(), ['int8']));
      builder.add(lstm.layer(builder.context()));
      break;
  }
  head(builder);
  return builder.model();
}

/** sign -> binary convolution + the stream it reads. */
function residual(builder: Builder): void {
  const stream = { id: builder.from, map: builder.map };
  builder.add(sign.layer(builder.context()));
  builder.add(randomResidual(builder.context(), stream));
}

/** Two 1-D convolutions and a pool, as samples arrive; then perhaps an image. */
function stream(builder: Builder, binary: boolean): void {
  const { random } = builder;
  builder.add(firstOfStream(builder, binary));
  const width = builder.map.shape[1];
  const kernel: Pair = [1, random.int(1, Math.min(6, width))];
  const stride: Pair = [1, random.int(1, kernel[1])];
  const outputs = Math.floor((width - kernel[1]) / stride[1]) + 1;
  const pool: Pair = [1, random.int(Math.min(2, outputs), Math.min(outputs, 25))];
  const channels = random.pick([1, 3, 4, 8, 20, 31, 32, 33]);
  const window = { kernel, stride, padding: 'valid' as const, pool, channels };
  const context = builder.context();
  const { from } = context;
  if (binary) {
    const output = randomOutput(context, ['bits', 'int8', 'int16']);
    builder.add({ kind: 'xnorConv', id: context.id('xnor'), from, ...window, padValue: 0, output });
  } else {
    const output = randomOutput(context, ['int8', 'int8', 'bits', 'int16']);
    builder.add({ kind: 'conv', id: context.id('conv'), from, ...window, output });
  }
  if (random.chance(0.8)) {
    const { from, id } = builder.context();
    builder.add({ kind: 'channelsToHeight', id: id('image'), from });
  }
}

/** The strided convolution of the window. */
function firstOfStream(builder: Builder, binary: boolean): ConvLayer {
  const { random } = builder;
  const { id, int8 } = builder.context();
  const kernel: Pair = [1, random.pick([1, 3, 5, 8, 9])];
  const channels = random.pick([1, 2, 3, 4, 5, 7, 8]);
  const stride: Pair = [1, random.int(1, Math.min(3, kernel[1]))];
  const output = binary ? { type: 'bits' as const } : int8(random.chance(0.7));
  const window = { kernel, stride, padding: 'valid' as const, pool: [1, 1] as Pair, channels };
  return { kind: 'conv', id: id('conv'), from: WINDOW, ...window, output };
}

/** Any operators that take what is there. */
function body(builder: Builder, count: number): void {
  for (let i = 0; i < count; i++) {
    const context = builder.context();
    if (context.map.type === 'bits') builder.add(randomXnor(context, ['bits', 'int8', 'int16']));
    else if (builder.random.chance(0.25)) builder.add(sign.layer(context));
    else builder.add(randomConv(context, ['int8', 'int16', 'bits']));
  }
}

/** To int8, perhaps averaged, perhaps through a hidden layer, to scores. */
export function head(builder: Builder): void {
  const { random } = builder;
  const { type, shape } = builder.map;
  if (type === 'bits') builder.add(randomXnor(builder.context(), ['int8']));
  if (type === 'int16') builder.add(randomConv(builder.context(), ['int8']));
  if (random.chance(0.5) || shape[0] * shape[1] * shape[2] > 4000) {
    builder.add(average.layer(builder.context()));
  }
  if (random.chance(0.3)) builder.add(dense.layer(builder.context()));
  const { from, id } = builder.context();
  const output = { type: 'scores', scale: 1 / 4096 } as const;
  builder.add({ kind: 'dense', id: id('dense'), from, units: builder.classes, output });
}
