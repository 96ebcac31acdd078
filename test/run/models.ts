import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatModel } from '../../agent/model/model.ts';
import { acdnet } from '../../agent/nets/acdnet.ts';
import { ACDNET_PRESETS } from '../../agent/nets/presets.ts';
import { randomModel } from '../../agent/nets/random-model.ts';

export const LABELS = [
  'chainsaw',
  'clock_tick',
  'crackling_fire',
  'crying_baby',
  'dog',
  'helicopter',
  'rain',
  'rooster',
  'sea_waves',
  'sneezing',
];

interface TestModel {
  readonly name: string;
  readonly form: 'real' | 'residual';
  readonly weights?: 'trained' | 'random';
  readonly labels?: readonly string[];
  /** `full`: as large as the networks of the product; else small and quick to compile. */
  readonly size?: 'small' | 'full';
  /** Of a window. */
  readonly samples?: number;
}

const SMALL = { channels: [4, 16, 16, 32, 32, 32, 32, 32, 32, 32, 32], conv12: 16 };
const FULL = {
  real: ACDNET_PRESETS['micro-acdnet'],
  residual: { channels: [8, 16, 16, 32, 32, 32, 32, 64, 64, 96, 96], conv12: 48 },
};

/** A network for tests that know what it is: its random weights pass as trained unless said otherwise. */
export function writeTestModel(directory: string, { name, form, ...rest }: TestModel): string {
  const { weights = 'trained', labels = LABELS, size = 'small', samples = 30_225 } = rest;
  const shape = size === 'small' ? SMALL : FULL[form];
  const net = acdnet({ name, ...shape, classes: labels.length, form, samples });
  const { metadata, tensors } = randomModel(net, 1, name);
  const provenance = { ...metadata.provenance, weights };
  const path = join(directory, `${name}.safetensors`);
  writeFileSync(
    path,
    formatModel({ metadata: { ...metadata, labels: [...labels], provenance }, tensors }),
  );
  return path;
}
