import { type ConvNode, type LstmNode, type Net, type Shape, shapesOf } from '../../nets/graph.ts';
import { TrainingRandom } from '../mixing/random.ts';
import type { Recipe } from './recipe.ts';
import { realWeights, scaledSignWeights, signWeights, type WeightForm } from './weight-forms.ts';

/** One array of a network in training, in TensorFlow's layout ([kh][kw][in][out] for kernels). */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
  /** Running statistics are kept with the rest but no gradient moves them. */
  readonly trained: boolean;
  /** Bounds that hold after each update: gamma of a block that needs it positive, slopes in [0, 1). */
  readonly bounds?: readonly [min: number, max: number] | undefined;
  /** For kernels: how stored weights are used. */
  readonly form?: WeightForm | undefined;
}

export type Parameters = ReadonlyMap<string, Parameter>;

/** Smallest gamma of the paper's XNOR blocks. */
export const MIN_GAMMA = 0.01;
/** Largest slope that the integer form (Q15) holds. */
const MAX_SLOPE = 32767 / 32768;
const SLOPE_START = 0.25;

/** How binary convolutions multiply: with signs, or in the first of two stages with real weights. */
export type BinaryWeights = NonNullable<Recipe['weights']>;

/** Fresh parameters: kernels He-normal, batch norm at identity (same seed, same numbers). */
export function initialParameters(
  net: Net,
  seed: number,
  weights: BinaryWeights = 'binary',
): Parameters {
  const parameters = new Map<string, Parameter>();
  const random = new TrainingRandom(seed, 0x1417);
  const add = (parameter: Parameter): void => {
    parameters.set(parameter.name, parameter);
  };
  const shapes = shapesOf(net);
  for (const node of net.nodes) {
    const input = shapes.get(node.from) ?? net.input;
    switch (node.kind) {
      case 'conv':
        for (const p of convParameters(node, input, random, weights)) add(p);
        break;
      case 'dense': {
        const inputs = input[0] * input[1] * input[2];
        const data = normals(inputs * node.units, Math.sqrt(1 / inputs), random);
        add({ name: `${node.id}.weight`, shape: [inputs, node.units], data, trained: true });
        add(constant(`${node.id}.bias`, node.units, 0));
        break;
      }
      case 'channelsToHeight':
      case 'average':
      case 'dropout':
      case 'logMel':
        break;
      case 'lstm':
        for (const p of lstmParameters(node, input, random)) add(p);
        break;
    }
  }
  return parameters;
}

function convParameters(
  node: ConvNode,
  input: Shape,
  random: TrainingRandom,
  weights: BinaryWeights,
): Parameter[] {
  const { id, channels } = node;
  const inputs = input[2];
  const shape = [...node.kernel, inputs, channels];
  const fanIn = node.kernel[0] * node.kernel[1] * inputs;
  const data = normals(fanIn * channels, Math.sqrt(2 / fanIn), random);
  const weight = { name: `${id}.weight`, shape, data, trained: true };
  const binary = (form: WeightForm): WeightForm => (weights === 'real' ? realWeights : form);
  switch (node.form) {
    case 'plain':
      return [{ ...weight, form: realWeights }, ...norm(id, channels, false)];
    case 'paper':
      return [{ ...weight, form: binary(scaledSignWeights) }, ...norm(id, inputs, true)];
    case 'residual':
      return [
        { ...weight, form: binary(signWeights) },
        ...norm(id, channels, false),
        constant(`${id}.threshold`, inputs, 0),
        constant(`${id}.shiftIn`, channels, 0),
        { ...constant(`${id}.slope`, channels, SLOPE_START), bounds: [0, MAX_SLOPE] },
        constant(`${id}.shiftOut`, channels, 0),
      ];
  }
}

/** Gates in the order i, f, g, o; the forget gate begins open (Jozefowicz et al. 2015). */
function lstmParameters(
  { id, units }: LstmNode,
  input: Shape,
  random: TrainingRandom,
): Parameter[] {
  const inputs = input[1] * input[2];
  const matrix = (name: string, rows: number): Parameter => ({
    name: `${id}.${name}`,
    shape: [rows, 4, units],
    data: normals(rows * 4 * units, Math.sqrt(1 / rows), random),
    trained: true,
    form: realWeights,
  });
  const bias = constant(`${id}.bias`, 4 * units, 0);
  bias.data.fill(1, units, 2 * units);
  return [matrix('weight', inputs), matrix('recurrent', units), { ...bias, shape: [4, units] }];
}

function norm(id: string, channels: number, positive: boolean): Parameter[] {
  const gamma = constant(`${id}.gamma`, channels, 1);
  return [
    positive ? { ...gamma, bounds: [MIN_GAMMA, Number.POSITIVE_INFINITY] } : gamma,
    constant(`${id}.beta`, channels, 0),
    { ...constant(`${id}.mean`, channels, 0), trained: false },
    { ...constant(`${id}.variance`, channels, 1), trained: false },
  ];
}

function constant(name: string, length: number, value: number): Parameter {
  return { name, shape: [length], data: new Float32Array(length).fill(value), trained: true };
}

function normals(count: number, deviation: number, random: TrainingRandom): Float32Array {
  return Float32Array.from({ length: count }, () => random.normal() * deviation);
}

/** Copies values of equally named and shaped arrays, for a warm start; returns the names that found none. */
export function copyValues(
  to: Parameters,
  from: ReadonlyMap<
    string,
    { readonly shape: readonly number[]; readonly data: ArrayLike<number> }
  >,
): readonly string[] {
  const missing: string[] = [];
  for (const parameter of to.values()) {
    const found = from.get(parameter.name);
    if (found === undefined || found.shape.join() !== parameter.shape.join())
      missing.push(parameter.name);
    else parameter.data.set(found.data);
  }
  return missing;
}
