import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deployRandom } from '../../agent/model/deploy-random.ts';
import { formatModel } from '../../agent/model/model.ts';
import { acdnet } from '../../agent/nets/acdnet.ts';

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
}

/** A small network for tests that know what it is: its random weights pass as trained unless said otherwise. */
export function writeTestModel(directory: string, { name, form, ...rest }: TestModel): string {
  const { weights = 'trained', labels = LABELS } = rest;
  const channels = [4, 16, 16, 32, 32, 32, 32, 32, 32, 32, 32];
  const classes = labels.length;
  const net = acdnet({ name, channels, conv12: 16, classes, form, samples: 30_225 });
  const { metadata, tensors } = deployRandom(net, 1, name);
  const provenance = { ...metadata.provenance, weights };
  const path = join(directory, `${name}.safetensors`);
  writeFileSync(
    path,
    formatModel({ metadata: { ...metadata, labels: [...labels], provenance }, tensors }),
  );
  return path;
}
