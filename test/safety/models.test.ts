import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../agent/base/errors.ts';
import { Random } from '../../agent/base/random.ts';
import { KERNEL_SETS } from '../../agent/c/kernel-sets.ts';
import { emitModel } from '../../agent/compiler/emit.ts';
import {
  readCheckpoint,
  type Training,
  writeCheckpoint,
} from '../../agent/lab/train/checkpoint.ts';
import { initialParameters } from '../../agent/lab/train/parameters.ts';
import { formatModel, type Model, parseModel } from '../../agent/model/model.ts';
import { formatSafetensors, parseSafetensors } from '../../agent/model/safetensors.ts';
import { acdnet } from '../../agent/nets/acdnet.ts';
import { melCnn } from '../../agent/nets/mel.ts';
import { randomModel } from '../../agent/nets/random-model.ts';
import { printable } from '../../protocol/printable.ts';
import { HOSTILE } from './hostile.ts';
import { mutant } from './mutants.ts';

const sizes = { classes: 3, channels: [2], samples: 640, frame: 64, hop: 64, bands: 8 } as const;
const mel = randomModel(melCnn({ name: 'mel', ...sizes }), 1, 'mel');
const bits = randomModel(
  acdnet({
    name: 'bits',
    channels: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    classes: 3,
    form: 'residual',
    samples: 6425,
  }),
  1,
  'bits',
);
const VALUES = [0, -1, 1, 2 ** 31, 2 ** 53, 1e308, 0.5, null, '', 'x', [], {}, true, [[]]];

/** The model of a file's bytes, or the one line that a user sees. */
function read(bytes: Uint8Array): Model | string {
  try {
    return parseModel(bytes, 'a.safetensors');
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.line;
  }
}

type Metadata = Record<string, unknown> & { provenance: Record<string, unknown> };

/** The file of a model whose metadata somebody wrote by hand. */
function withMetadata(change: (metadata: Metadata) => void): Uint8Array {
  const metadata = JSON.parse(JSON.stringify(mel.metadata)) as Metadata;
  change(metadata);
  return formatSafetensors({
    metadata: { otolith: JSON.stringify(metadata) },
    tensors: mel.tensors,
  });
}

const PROVENANCE = ['network', 'command', 'dataset', 'recipe', 'created'];
const FACTS = {
  ...{ channels: [1], parameters: 1, realMacs: 1, binaryMacs: 1, hours: 1 },
  ...{ stages: [], commands: [] },
};
const PLACES: readonly (readonly [where: string, set: (m: Metadata, text: string) => unknown])[] = [
  ...PROVENANCE.map(
    (key) =>
      [
        `provenance.${key}`,
        (m: Metadata, text: string) => Object.assign(m.provenance, { [key]: text }),
      ] as const,
  ),
  ['training.stages', (m, text) => Object.assign(m, { training: { ...FACTS, stages: [text] } })],
  [
    'training.commands',
    (m, text) => Object.assign(m, { training: { ...FACTS, commands: [text] } }),
  ],
  ['labels', (m, text) => Object.assign(m, { labels: [text, 'class_1', 'class_2'] })],
  ['name', (m, text) => Object.assign(m, { name: text })],
  ['metrics', (m, text) => Object.assign(m, { metrics: { [text]: 1 } })],
  ['an unknown key', (m, text) => Object.assign(m, { [text]: 1 })],
  ['a layer id', (m, text) => Object.assign(m, { layers: [{ id: text }] })],
];

describe.each(PLACES)('a hostile text as %s', (where, set) => {
  it.each(HOSTILE)('%j is refused in one harmless line, or never reaches C', (text) => {
    const result = read(withMetadata((metadata) => set(metadata, text)));
    if (typeof result === 'string') {
      expect(result).toBe(printable(result));
      expect(result).toMatch(/^a\.safetensors: metadata/);
      return;
    }
    expect(['name', 'a layer id', 'an unknown key']).not.toContain(where);
    const { hash } = mel;
    for (const kernels of KERNEL_SETS) {
      // Byte for byte the C of the harmless model, but for its labels and the hash of its file.
      const plain = emitModel({ ...mel, hash }, { kernels }).source;
      const source = emitModel({ ...result, hash }, { kernels }).source;
      const escaped = / {4}"(?:[ !#->@-[\]-~]|\\[0-7]{3})*",/;
      if (where !== 'labels') expect(source).toBe(plain);
      else expect(source.replace(escaped, '')).toBe(plain.replace('    "class_0",', ''));
    }
  });
});

describe('1,000 damaged model files', () => {
  it.each([
    ['int8', mel],
    ['xnor', bits],
  ])('each end in a model or in one line: %s', (_kind, model) => {
    const whole = formatModel(model);
    const header = Number(new DataView(whole.buffer).getBigUint64(0, true));
    const random = new Random(11);
    let refused = 0;
    for (let i = 0; i < 500; i++) {
      const result = read(mutant(whole, header + 8, random));
      if (typeof result === 'string') {
        refused++;
        expect(result).toBe(printable(result));
        expect(result.length).toBeLessThan(2100);
      } else emitModel(result, { kernels: 'portable' });
    }
    expect(refused).toBeGreaterThan(250);
  });

  it('each end in a model or in one line: fields of their JSON, offsets and shapes of tensors', () => {
    const whole = formatModel(mel);
    const random = new Random(12);
    let refused = 0;
    for (let i = 0; i < 1000; i++) {
      const result = read(withField(whole, random, VALUES));
      if (typeof result === 'string') {
        refused++;
        expect(result).toBe(printable(result));
      } else for (const kernels of KERNEL_SETS) emitModel(result, { kernels });
    }
    expect(refused).toBeGreaterThan(500);
    expect(refused).toBeLessThan(1000);
  });
});

describe('1,000 damaged float networks', () => {
  let folder: string;
  let whole: Uint8Array;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otolith-damaged-'));
    const net = melCnn({ name: 'mel', ...sizes });
    const training: Training = {
      ...{ format: 'otolith-training', version: 1, net, labels: ['a', 'b', 'c'], folds: [1] },
      recipe: {
        ...{ epochs: 1, batch: 2, optimizer: 'sgd', learningRate: 1, weightDecay: 0, seed: 1 },
        ...{ schedule: 'cosine', warmup: 0, distill: 0, frontEpochs: 1 },
      },
      ...{ dataset: '3 clips', epoch: 1, steps: 1, history: [], command: 'otolith train' },
    };
    await writeCheckpoint(join(folder, 'n'), training, initialParameters(net, 1), new Map());
    whole = new Uint8Array(await readFile(join(folder, 'n')));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('each end in a network or in one line', async () => {
    const random = new Random(13);
    const path = join(folder, 'damaged');
    let refused = 0;
    for (let i = 0; i < 1000; i++) {
      const header = Number(new DataView(whole.buffer).getBigUint64(0, true)) + 8;
      await writeFile(
        path,
        i % 2 ? mutant(whole, header, random) : withField(whole, random, VALUES),
      );
      const line = await readCheckpoint(path).then(
        () => undefined,
        (error: unknown) => {
          if (error instanceof UserError) return error.line;
          throw error;
        },
      );
      if (line === undefined) continue;
      refused++;
      expect(line).toBe(printable(line));
    }
    expect(refused).toBeGreaterThan(500);
    expect(refused).toBeLessThan(1000);
  });
});

/** The file with one field changed: of the header, or of the metadata in it. */
function withField(whole: Uint8Array, random: Random, values: readonly unknown[]): Uint8Array {
  const view = new DataView(whole.buffer, whole.byteOffset, whole.byteLength);
  const length = Number(view.getBigUint64(0, true));
  const header = JSON.parse(Buffer.from(whole.subarray(8, 8 + length)).toString('utf8'));
  const inner = JSON.parse(parseSafetensors(whole, 'a').metadata.otolith ?? '');
  const fields = fieldsOf(random.chance(0.5) ? header : inner);
  const field = fields[random.int(0, fields.length - 1)];
  if (field !== undefined) field.object[field.key] = values[random.int(0, values.length - 1)];
  if (typeof header.__metadata__ === 'object' && header.__metadata__ !== null) {
    header.__metadata__.otolith = JSON.stringify(inner);
  }
  const text = Buffer.from(JSON.stringify(header));
  const size = new DataView(new ArrayBuffer(8));
  size.setBigUint64(0, BigInt(text.length), true);
  return new Uint8Array(
    Buffer.concat([new Uint8Array(size.buffer), text, whole.subarray(8 + length)]),
  );
}

interface Field {
  readonly object: Record<string, unknown>;
  readonly key: string;
}

function fieldsOf(object: Record<string, unknown>): Field[] {
  return Object.entries(object).flatMap(([key, value]) => [
    { object, key },
    ...(typeof value === 'object' && value !== null
      ? fieldsOf(value as Record<string, unknown>)
      : []),
  ]);
}
