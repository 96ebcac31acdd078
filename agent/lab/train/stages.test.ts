import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { formatSafetensors } from '../../model/safetensors.ts';
import { acdnet } from '../../nets/acdnet.ts';
import type { Parameters } from '../../tape/parameter.ts';
import { readCheckpoint, type Training, writeCheckpoint } from './checkpoint.ts';
import { initialParameters } from './parameters.ts';
import { RECIPES } from './recipe.ts';
import { takeAll } from './warm-start.ts';

const net = acdnet({
  name: 'probe',
  channels: [2, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4],
  classes: 2,
  form: 'residual',
  samples: 6425,
});

/** What conv5, which is binary, multiplies with, by magnitude. */
function magnitudes(parameters: Parameters): ReadonlySet<number> {
  const weight = parameters.get('conv5.weight');
  const used = weight?.form?.effective(weight.data, 4) ?? new Float32Array();
  return new Set(used.map(Math.abs));
}

it('multiplies with real weights in the first stage, and with the signs of the same in the second', async () => {
  const first = initialParameters(net, 1, 'real');
  expect(magnitudes(first).size).toBeGreaterThan(100);
  const training: Training = {
    format: 'otolith-training',
    version: 1,
    net,
    labels: ['a', 'b'],
    recipe: { ...RECIPES.residual, weights: 'real' },
    folds: [2],
    dataset: 'none',
    epoch: 1,
    steps: 1,
    history: [],
  };
  const dir = await mkdtemp(join(tmpdir(), 'otolith-stages-'));
  const path = join(dir, 'network.safetensors');
  await writeCheckpoint(path, training, first, new Map());
  const from = await readCheckpoint(path);
  await rm(dir, { recursive: true });
  expect(magnitudes(from.parameters)).toEqual(magnitudes(first));
  const second = initialParameters(net, 2);
  takeAll(second, from);
  expect(second.get('conv5.weight')?.data).toEqual(first.get('conv5.weight')?.data);
  expect(magnitudes(second)).toEqual(new Set([1]));
});

it('says in one line that a file which is no network in training is none, whatever its metadata holds', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'otolith-stages-'));
  const path = join(dir, 'network.safetensors');
  for (const metadata of [{}, { otolith: '{"format":' }, { otolith: '[]' }]) {
    await writeFile(path, formatSafetensors({ metadata, tensors: new Map() }));
    await expect(readCheckpoint(path)).rejects.toThrow(`${path} is not a network in training`);
  }
  await rm(dir, { recursive: true });
});
