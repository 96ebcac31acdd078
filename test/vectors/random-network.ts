import { type MapInfo, WINDOW } from '../../agent/model/maps.ts';
import { buildModel, type Model } from '../../agent/model/model.ts';
import type { Metadata } from '../../agent/model/plan.ts';
import { Random } from '../../agent/model/random.ts';
import { type PlacedLayer, placeLayers } from '../../agent/model/shapes.ts';
import type { Tensor } from '../../agent/model/tensors.ts';
import { LOG_MEL_FRAMES } from '../../agent/ops/log-mel/layer.ts';
import type { Layer } from '../../agent/ops/registry.ts';
import { familyOf, inputOf } from './families.ts';
import { fillTensors } from './random-tensors.ts';

/** Channel counts around what words, vectors and register blocks hold. */
const CHANNELS = [1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 24, 31, 32, 33, 40, 63, 64, 65] as const;
/** Multiply-accumulates of one network at most: QEMU and the reference interpreter have to run them all. */
const MAX_MACS = 250_000;

type Pair = [number, number];
/**
 * A small random network: what it is made of depends on the seed alone. Every operator, output type, padding and
 * kernel shape of SPEC.md turns up over consecutive seeds; networks.test.ts counts them.
 */
export function randomNetwork(seed: number): Model {
  const random = new Random(seed * 2654435761);
  const family = familyOf(seed);
  const builder = new Builder(random, seed, inputOf(random, family));
  switch (family) {
    case 'image':
    case 'wide':
      builder.body(random.int(1, 3));
      break;
    case 'stream':
      builder.stream(false);
      builder.body(random.int(0, 2));
      break;
    case 'binaryStream':
      builder.stream(true);
      builder.body(random.int(0, 2));
      break;
    case 'signs':
      builder.conv(['bits']);
      builder.body(random.int(1, 3));
      break;
    case 'residual':
      builder.conv(['int16']);
      for (let i = random.int(1, 3); i > 0; i--) builder.residual();
      break;
    case 'residualWindow':
      for (let i = random.int(1, 2); i > 0; i--) builder.residual();
      break;
    case 'spectrogram':
      builder.logMel();
      builder.body(random.int(1, 2));
      break;
    case 'recurrent':
      builder.conv(['int8']);
      builder.lstm();
      break;
    case 'recurrentSpectrogram':
      builder.logMel();
      if (random.chance(0.3)) builder.conv(['int8']);
      builder.lstm();
      break;
  }
  builder.head();
  return builder.model();
}

class Builder {
  readonly #random: Random;
  readonly #seed: number;
  readonly #layers: Layer[] = [];
  readonly #input: [number, number, number];
  #units: number;

  constructor(random: Random, seed: number, input: [number, number, number]) {
    this.#random = random;
    this.#seed = seed;
    this.#input = input;
    this.#units = random.int(1, 12);
  }

  #metadata(layers: readonly Layer[]): Metadata {
    return {
      format: 'otolith-model',
      version: 1,
      name: `vector-${this.#seed}`,
      labels: Array.from({ length: this.#units }, (_, i) => `class_${i}`),
      sampleRate: 20000,
      input: this.#input,
      layers: [...layers],
      provenance: { weights: 'random', network: 'test vector', seed: this.#seed },
    };
  }

  /** What the next layer reads. */
  #map(): MapInfo {
    if (this.#layers.length === 0) return { shape: this.#input, type: 'int16', zeroPoint: 0 };
    const output = placeDraft(this.#layers, this.#metadata([])).at(-1)?.output;
    if (output === undefined) throw new Error('a network without layers');
    return output;
  }

  get #from(): string {
    return this.#layers.at(-1)?.id ?? WINDOW;
  }

  #id(kind: string): string {
    return `${kind}${this.#layers.length + 1}`;
  }

  /** Zero points: the first int8 map of each network takes the next of all 256. */
  #int8(relu: boolean): Extract<Layer, { kind: 'average' }>['output'] {
    const random = this.#random;
    const first = !this.#layers.some((l) => 'output' in l && l.output.type === 'int8');
    const zeroPoint = first
      ? (this.#seed % 256) - 128
      : random.pick([-128, -128, 0, 127, random.int(-128, 127)]);
    const max = random.chance(0.8) ? 127 : random.int(Math.max(zeroPoint, 0), 127);
    const min = relu ? Math.min(zeroPoint, max) : -128;
    return { type: 'int8', zeroPoint, min, max, shift: random.int(0, 4), scale: 1 / 64 };
  }

  #output(
    types: readonly ('int8' | 'int16' | 'bits')[],
  ): Extract<Layer, { kind: 'conv' }>['output'] {
    const random = this.#random;
    const type = types[random.int(0, types.length - 1)] ?? 'int8';
    if (type === 'bits') return { type };
    if (type === 'int8') return this.#int8(random.chance(0.5));
    return { type, min: random.pick([0, -32768]), shift: random.int(0, 4), scale: 1 / 4096 };
  }

  /** A random window over the last map that leaves at least one output and stays within the budget. */
  #window() {
    const random = this.#random;
    const [h, w, c] = this.#map().shape;
    for (;;) {
      // What most of an ACDNet is made of, which kernels treat specially.
      const usual = random.chance(0.35);
      const kernel = usual ? ([3, 3] as Pair) : random.pick(KERNELS);
      const stride: Pair =
        usual || random.chance(0.6) ? [1, 1] : [random.int(1, 3), random.int(1, 3)];
      const padding = usual || random.chance(0.6) ? ('same' as const) : ('valid' as const);
      const pool: Pair = random.chance(0.5)
        ? [1, 1]
        : usual
          ? [2, 2]
          : [random.int(1, 3), random.int(1, 3)];
      const channels = random.pick(CHANNELS);
      const outputs = (axis: 0 | 1, size: number): number =>
        padding === 'same'
          ? Math.ceil(size / stride[axis])
          : Math.floor((size - kernel[axis]) / stride[axis]) + 1;
      const [oh, ow] = [outputs(0, h), outputs(1, w)];
      if (oh < pool[0] || ow < pool[1]) continue;
      if (oh * ow * kernel[0] * kernel[1] * c * channels > MAX_MACS) continue;
      return { kernel, stride, padding, pool, channels };
    }
  }

  conv(types: readonly ('int8' | 'int16' | 'bits')[]): void {
    const window = this.#window();
    const output = this.#output(types);
    this.#layers.push({ kind: 'conv', id: this.#id('conv'), from: this.#from, ...window, output });
  }

  xnor(types: readonly ('int8' | 'int16' | 'bits')[]): void {
    const window = this.#window();
    const output = this.#output(types);
    const padValue = this.#random.pick([0, 0, 1, -1] as const);
    const id = this.#id('xnor');
    this.#layers.push({ kind: 'xnorConv', id, from: this.#from, ...window, padValue, output });
  }

  sign(): void {
    this.#layers.push({ kind: 'sign', id: this.#id('sign'), from: this.#from });
  }

  /** Log-mel spectrogram of the window. */
  logMel(): void {
    const random = this.#random;
    const frames = this.#input[1] < 1024 ? ([64, 128, 256, 512] as const) : LOG_MEL_FRAMES;
    const frame = random.pick(frames);
    const bands = random.pick([1, 8, 13, 20, 32]);
    this.#layers.push({
      kind: 'logMel',
      id: this.#id('mel'),
      from: WINDOW,
      frame,
      hop: random.int(Math.floor(frame / 3), frame),
      bands,
      offset: random.int(0, 5000),
      multiplier: random.int(500, 8000),
      zeroPoint: random.int(-128, 127),
      scale: 1 / 16,
    });
  }

  /** Over the rows of an int8 map; the rarest sizes are those around words. */
  lstm(): void {
    const random = this.#random;
    const [time, width, channels] = this.#map().shape;
    const units = random.pick([1, 2, 3, 5, 8, 13, 16, 17, 31]);
    const macs = (n: number): number => time * 4 * n * (width * channels + n);
    this.#layers.push({
      kind: 'lstm',
      id: this.#id('lstm'),
      from: this.#from,
      units: macs(units) <= MAX_MACS ? units : 1,
      shift: random.int(0, 6),
    });
  }

  /** sign -> binary convolution + the stream it reads: identity, repeated or cut channels; often a pool. */
  residual(): void {
    const random = this.#random;
    const stream = this.#from;
    const [h, w, c] = this.#map().shape;
    this.sign();
    const kernel: Pair = random.pick([
      [3, 3],
      [1, 1],
      [3, 3],
      [1, 3],
      [5, 5],
    ]);
    const limit = Math.max(1, Math.floor(MAX_MACS / (h * w * c * kernel[0] * kernel[1])));
    const channels = Math.min(random.pick([c, c, 2 * c, random.pick(CHANNELS)]), limit, 4096);
    const pool: Pair = [random.int(1, Math.min(2, h)), random.int(1, Math.min(3, w))];
    const output = {
      type: 'residual',
      shortcut: stream,
      shift: random.int(0, 12),
      scale: 1 / 4096,
    } as const;
    const padValue = random.pick([0, 0, 1, -1] as const);
    const window = { kernel, stride: [1, 1] as Pair, padding: 'same' as const, pool, channels };
    const id = this.#id('xnor');
    this.#layers.push({ kind: 'xnorConv', id, from: this.#from, ...window, padValue, output });
  }

  /** Two 1-D convolutions and a pool, as samples arrive; then perhaps an image. */
  stream(binary: boolean): void {
    const random = this.#random;
    const id = this.#id('conv');
    const first = {
      kernel: [1, random.pick([1, 3, 5, 8, 9])] as Pair,
      stride: [1, 1] as Pair,
      padding: 'valid' as const,
      pool: [1, 1] as Pair,
      channels: random.pick([1, 2, 3, 4, 5, 7, 8]),
    };
    first.stride = [1, random.int(1, Math.min(3, first.kernel[1]))];
    const output = binary ? { type: 'bits' as const } : this.#int8(random.chance(0.7));
    this.#layers.push({ kind: 'conv', id, from: WINDOW, ...first, output });
    const width = this.#map().shape[1];
    const kernel: Pair = [1, random.int(1, Math.min(6, width))];
    const stride: Pair = [1, random.int(1, kernel[1])];
    const outputs = Math.floor((width - kernel[1]) / stride[1]) + 1;
    const pool: Pair = [1, random.int(Math.min(2, outputs), Math.min(outputs, 25))];
    const window = {
      kernel,
      stride,
      padding: 'valid' as const,
      pool,
      channels: random.pick([1, 3, 4, 8, 20, 31, 32, 33]),
    };
    if (binary)
      this.#layers.push({
        kind: 'xnorConv',
        id: this.#id('xnor'),
        from: id,
        ...window,
        padValue: 0,
        output: this.#output(['bits', 'int8', 'int16']),
      });
    else
      this.#layers.push({
        kind: 'conv',
        id: this.#id('conv'),
        from: id,
        ...window,
        output: this.#output(['int8', 'int8', 'bits', 'int16']),
      });
    if (random.chance(0.8)) {
      this.#layers.push({ kind: 'channelsToHeight', id: this.#id('image'), from: this.#from });
    }
  }

  /** Any operators that take what is there. */
  body(count: number): void {
    for (let i = 0; i < count; i++) {
      const { type } = this.#map();
      if (type === 'bits') this.xnor(['bits', 'int8', 'int16']);
      else if (this.#random.chance(0.25)) this.sign();
      else this.conv(['int8', 'int16', 'bits']);
    }
  }

  /** To int8, perhaps averaged, perhaps through a hidden layer, to scores. */
  head(): void {
    const random = this.#random;
    const { type, shape } = this.#map();
    if (type === 'bits') this.xnor(['int8']);
    if (type === 'int16') this.conv(['int8']);
    const average = random.chance(0.5) || shape[0] * shape[1] * shape[2] > 4000;
    if (average) {
      const multiplier = random.int(1, 2 ** 30) * 2;
      const output = this.#int8(false);
      this.#layers.push({
        kind: 'average',
        id: this.#id('average'),
        from: this.#from,
        multiplier,
        output,
      });
    }
    if (random.chance(0.3)) {
      const output = this.#int8(true);
      this.#layers.push({
        kind: 'dense',
        id: this.#id('dense'),
        from: this.#from,
        units: random.int(1, 33),
        output,
      });
    }
    const output = { type: 'scores', scale: 1 / 4096 } as const;
    this.#layers.push({
      kind: 'dense',
      id: this.#id('dense'),
      from: this.#from,
      units: this.#units,
      output,
    });
  }

  model(): Model {
    const metadata = this.#metadata(this.#layers);
    const tensors = new Map<string, Tensor>();
    const placed = placeLayers(metadata);
    if (!placed.ok) throw new Error(`${metadata.name}: ${placed.fault.layer} ${placed.fault.why}`);
    for (const layer of placed.layers) fillTensors(layer, this.#random, tensors);
    return buildModel(metadata, tensors);
  }
}

const KERNELS: readonly [Pair, ...Pair[]] = [
  [1, 1],
  [3, 3],
  [3, 3],
  [5, 5],
  [1, 5],
  [1, 3],
  [2, 2],
  [3, 1],
  [1, 9],
];

/** Places layers of which the last need not be scores: with whatever ending fits its type. */
function placeDraft(layers: readonly Layer[], metadata: Metadata): readonly PlacedLayer[] {
  const from = layers.at(-1)?.id ?? WINDOW;
  const one: Pair = [1, 1];
  const int8 = { type: 'int8', zeroPoint: 0, min: -128, max: 127, shift: 0, scale: 1 } as const;
  const real = {
    kind: 'conv',
    id: 'real',
    from,
    channels: 1,
    kernel: one,
    stride: one,
    padding: 'same',
    pool: one,
    output: int8,
  } as const;
  const signs = { ...real, kind: 'xnorConv', id: 'signs', padValue: 0 } as const;
  const scores = { type: 'scores', scale: 1 } as const;
  const dense = (of: string): Layer => ({
    kind: 'dense',
    id: 'end',
    from: of,
    units: 1,
    output: scores,
  });
  let why = '';
  for (const ending of [[dense(from)], [real, dense('real')], [signs, dense('signs')]]) {
    const draft = placeLayers({ ...metadata, labels: ['x'], layers: [...layers, ...ending] });
    if (draft.ok) return draft.layers.slice(0, layers.length);
    why = `layer ${draft.fault.layer} ${draft.fault.why}`;
  }
  throw new Error(`${metadata.name}: ${why}`);
}
