import { z } from 'zod';
import type { Random } from '../../agent/base/random.ts';

/** Sizes around what words, vectors and register blocks hold. */
const SIZES = [1, 2, 3, 4, 5, 8, 9, 16, 17, 31, 32, 33, 65, 129] as const;
/** Of kernels, strides and pools. */
const PAIR_SIZES = [1, 1, 1, 2, 2, 3, 3, 5, 9] as const;

/** What was drawn from a schema, and the choices that it was made of: "padding=same", "stride.0=2". */
export interface Drawn {
  readonly value: unknown;
  readonly choices: readonly Choice[];
}

export interface Choice {
  readonly path: string;
  readonly value: string;
  /** One of a few that the schema names; the rest are numbers. */
  readonly named: boolean;
}

/** A value of a schema at random: one of what it names, and numbers at the edges of what it allows. */
export function draw(schema: z.ZodType, random: Random, texts: Texts, path = ''): Drawn {
  if (schema instanceof z.ZodObject) return drawObject(schema.shape, random, texts, path);
  if (schema instanceof z.ZodTuple) return drawTuple(schema, random, texts, path);
  if (schema instanceof z.ZodUnion) {
    return draw(pickOf(schema.options, random) as z.ZodType, random, texts, path);
  }
  if (schema instanceof z.ZodEnum) return named(path, pickOf(schema.options, random));
  if (schema instanceof z.ZodLiteral) return named(path, pickOf([...schema.values], random));
  if (schema instanceof z.ZodNumber) return number(schema, random, path);
  if (schema instanceof z.ZodString) return { value: texts(path), choices: [] };
  throw new Error(`nothing is known of the schema of ${path}`);
}

/** The text of a field. */
export type Texts = (path: string) => string;

function drawObject(
  shape: Readonly<Record<string, z.ZodType>>,
  random: Random,
  texts: Texts,
  path: string,
): Drawn {
  const fields = Object.entries(shape).map(([name, field]) => {
    const drawn = draw(field, random, texts, path === '' ? name : `${path}.${name}`);
    return [name, drawn] as const;
  });
  return {
    value: Object.fromEntries(fields.map(([name, { value }]) => [name, value])),
    choices: fields.flatMap(([, { choices }]) => choices),
  };
}

function drawTuple(schema: z.ZodTuple, random: Random, texts: Texts, path: string): Drawn {
  const items = schema.def.items.map((item, i) => {
    const at = `${path}.${i}`;
    const range = item instanceof z.ZodNumber ? rangeOf(item) : undefined;
    if (range === undefined || range[0] !== 1) return draw(item as z.ZodType, random, texts, at);
    return one(at, random.pick(PAIR_SIZES), false);
  });
  return {
    value: items.map(({ value }) => value),
    choices: items.flatMap(({ choices }) => choices),
  };
}

const one = (path: string, value: unknown, isNamed: boolean): Drawn => ({
  value,
  choices: [{ path, value: String(value), named: isNamed }],
});
const named = (path: string, value: unknown): Drawn => one(path, value, true);

function pickOf<T>(options: readonly T[], random: Random): T {
  const picked = options[random.int(0, options.length - 1)];
  if (picked === undefined) throw new Error('a schema of no options');
  return picked;
}

/** Bounds of an integer; undefined for a real number. */
function rangeOf(schema: z.ZodNumber): readonly [number, number] | undefined {
  const { minValue, maxValue, format } = schema;
  if (format === null || minValue === null || maxValue === null) return undefined;
  return [minValue, maxValue];
}

function number(schema: z.ZodNumber, random: Random, path: string): Drawn {
  const range = rangeOf(schema);
  if (range === undefined) return { value: 1 / 64, choices: [] };
  const [min, max] = range;
  const isSize = min === 1 && max <= 4096;
  if (!isSize && random.chance(0.5)) return { value: random.int(min, max), choices: [] };
  const edges = isSize ? SIZES : [min, 0, 1, max];
  const allowed = edges.filter((n) => n >= min && n <= max);
  return one(path, pickOf(allowed, random), false);
}
