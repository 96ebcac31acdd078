import { Random } from '../../agent/base/random.ts';
import type { PlacedLayer } from '../../agent/model/shapes.ts';
import type { ActivationMap, MapInfo, MapType, Shape } from '../../agent/ops/maps.ts';
import { bitRowWords, mapBytes } from '../../agent/ops/maps.ts';
import type { Some } from '../../agent/ops/operator.ts';
import { type Kind, type Layer, operatorOf, operators } from '../../agent/ops/registry.ts';
import { elementsOf, LayerTensors, type Tensor, tensor } from '../../agent/ops/tensors.ts';
import { casesOf } from '../vectors/operator-cases.ts';
import { type Choice, draw } from './schema-values.ts';

/** A layer by itself: the maps it reads, its tensors, and the map that the reference gives. */
export interface LayerCase {
  readonly placed: PlacedLayer;
  readonly tensors: LayerTensors;
  readonly inputs: Some<ActivationMap>;
  readonly output: ActivationMap;
}

/** QEMU and the sanitizers have to run them all. */
const MOST_MACS = 40_000;
const MOST_VALUES = 3000;
const CANDIDATES = 1000;
const FEWEST = 12;

/** Layers that meet, together, every choice that the operator's schema and the maps it reads leave. */
export function layerCases(kind: Kind, most: number): readonly LayerCase[] {
  const random = new Random(kind.length);
  const open = new Set<Candidate>();
  for (let i = 0; i < CANDIDATES; i++) {
    const placed = candidate(kind, i, random);
    if (placed !== undefined) open.add(placed);
  }
  const chosen: LayerCase[] = [];
  const met = new Set<string>();
  while (chosen.length < most) {
    const news = [...open].map((one) => one.features.filter((f) => !met.has(f)).length);
    const best = [...open][news.indexOf(Math.max(...news))];
    if (best === undefined || (Math.max(...news) === 0 && chosen.length >= FEWEST)) break;
    open.delete(best);
    const made = caseOf(best, random, chosen.length);
    if (made === undefined) continue;
    chosen.push(made);
    for (const feature of best.features) met.add(feature);
  }
  return chosen;
}

/** A layer on maps that it takes. */
interface Candidate {
  readonly placed: PlacedLayer;
  readonly features: readonly string[];
}

function candidate(kind: Kind, index: number, random: Random): Candidate | undefined {
  const { schema } = operators[kind];
  const texts = (path: string): string =>
    path === 'id' ? `${kind}${index}` : path === 'from' ? 'first' : 'second';
  const drawn = draw(schema, random, texts);
  const parsed = schema.safeParse(drawn.value);
  if (!parsed.success) return undefined;
  const maps = inputsOf(parsed.data, random);
  const placed = placeOf(parsed.data, maps);
  return placed && { placed, features: featuresOf(drawn.choices, maps) };
}

/** The layer with numbers, unless its bounds refuse these. */
function caseOf({ placed }: Candidate, random: Random, index: number): LayerCase | undefined {
  const operator = operatorOf(placed.layer);
  const tensors = tensorsOf(placed, random);
  if (operator.check(placed, tensors) !== undefined) return undefined;
  const inputs = filled(placed.inputs, random, index);
  const data = operator.run(placed, inputs, tensors);
  return { placed, tensors, inputs, output: { ...placed.output, data } };
}

function placeOf(layer: Layer, inputs: Some<MapInfo>): PlacedLayer | undefined {
  const operator = operatorOf(layer);
  const output = operator.place(layer, inputs);
  if ('fault' in output || output.shape.some((n) => n < 1)) return undefined;
  const specs = operator.tensors(layer, inputs);
  const tensors = specs.map((spec) => ({ ...spec, name: `${layer.id}.${spec.name}` }));
  const placed: PlacedLayer = { layer, inputs, output, tensors };
  const values = Math.max(
    elementsOf(output.shape),
    ...inputs.map(({ shape }) => elementsOf(shape)),
  );
  if (values > MOST_VALUES || operator.cost(placed).macs > MOST_MACS) return undefined;
  return placed;
}

/** Maps of the types that the layer takes; a second one is often of the first one's shape. */
function inputsOf(layer: Layer, random: Random): Some<MapInfo> {
  const cases = casesOf(layer);
  const first: Shape = cases.window?.(random) ?? [
    random.pick([1, 1, 1, 2, 3, 5, 8]),
    random.pick([1, 2, 3, 7, 12, 31, 32, 33]),
    random.pick([1, 1, 2, 3, 8, 16, 31, 32, 33, 64, 129]),
  ];
  const [head, ...others] = operatorOf(layer).inputs(layer);
  const like = (): Shape =>
    random.chance(0.6) ? first : [first[0], first[1], random.pick([1, 2, 3, 8, 31, 32, 33])];
  return [
    mapOf(random.pick(head.takes), first, random),
    ...others.map(({ takes }) => mapOf(random.pick(takes), like(), random)),
  ];
}

const mapOf = (type: MapType, shape: Shape, random: Random): MapInfo => ({
  type,
  shape,
  zeroPoint: type === 'int8' ? random.pick([-128, 0, 127, random.int(-128, 127)]) : 0,
});

function tensorsOf(placed: PlacedLayer, random: Random): LayerTensors {
  const numbers = casesOf(placed.layer).tensors(placed, random);
  const named = placed.tensors.flatMap(({ name, shape }): [string, Tensor][] => {
    const data = numbers[name.slice(placed.layer.id.length + 1)];
    return data === undefined ? [] : [[name, tensor(data, shape)]];
  });
  return new LayerTensors(placed.layer.id, new Map(named));
}

const RANGES = { int8: [-128, 127], int16: [-32768, 32767], bits: [0, 1], scores: [0, 0] } as const;

/** Values of all sizes; now and then nothing but the extremes, or one of them. */
function filled([first, ...others]: Some<MapInfo>, random: Random, index: number) {
  const fill = (map: MapInfo): ActivationMap => {
    const [low, high] = RANGES[map.type];
    const value = [
      () => random.int(low, high),
      () => random.int(low, high) >> random.int(0, 6),
      () => random.pick([low, high]),
      () => (index % 8 < 4 ? low : high),
    ][index % 4];
    const data = Int32Array.from({ length: elementsOf(map.shape) }, value ?? (() => 0));
    return { ...map, data };
  };
  const maps: Some<ActivationMap> = [fill(first), ...others.map(fill)];
  return maps;
}

/** What a layer is made of, e.g. "padding=same", "input 0=int8", "output.type=bits & padding=valid". */
function featuresOf(choices: readonly Choice[], inputs: Some<MapInfo>): readonly string[] {
  const named = [
    ...choices.filter((c) => c.named && c.path !== 'kind').map((c) => `${c.path}=${c.value}`),
    ...inputs.map(({ type }, i) => `input ${i}=${type}`),
  ];
  const sizes = inputs.flatMap(({ shape, zeroPoint }, i) => [
    ...shape.filter((n) => n < 200).map((n, axis) => `size ${i}.${axis}=${n}`),
    `zero ${i}=${[-128, 0, 127].includes(zeroPoint) ? zeroPoint : 'other'}`,
  ]);
  const numbers = choices.filter((c) => !c.named).map((c) => `${c.path}=${c.value}`);
  const pairs = named.flatMap((a, i) => named.slice(i + 1).map((b) => `${a} & ${b}`));
  return [...named, ...sizes, ...numbers, ...pairs];
}

/** A map as it lies in a board's memory. */
export function bytesOf(map: ActivationMap): Uint8Array {
  const bytes = new Uint8Array(mapBytes(map));
  const view = new DataView(bytes.buffer);
  const [, width, channels] = map.shape;
  const rowBits = width * channels;
  map.data.forEach((value, i) => {
    if (map.type === 'int8') view.setInt8(i, value);
    else if (map.type === 'int16') view.setInt16(2 * i, value, true);
    else if (map.type === 'scores') view.setInt32(4 * i, value, true);
    else {
      const at = Math.floor(i / rowBits) * bitRowWords(map) * 32 + (i % rowBits);
      bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (value << (at & 7));
    }
  });
  return bytes;
}
