import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithLibrary } from '../../../test/lab/with-library.ts';
import { Random } from '../../base/random.ts';
import { acdnet } from '../../nets/acdnet.ts';
import type { Net } from '../../nets/graph.ts';
import { melNet } from '../../nets/mel.ts';
import { frontOf } from '../../nets/traits.ts';
import { Kernels } from '../../tape/tensorflow.ts';
import { type Training, writeCheckpoint } from './checkpoint.ts';
import { softmaxRows } from './loss.ts';
import { TrainableNetwork } from './network.ts';
import { initialParameters } from './parameters.ts';
import { RECIPES } from './recipe.ts';
import { Teachers } from './teachers.ts';

const SAMPLES = 6425;
const random = new Random(5);
const windows = Float32Array.from({ length: 2 * SAMPLES }, () => random.int(-9000, 9000) / 32768);
const raw = acdnet({
  name: 'raw',
  channels: [2, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4],
  classes: 3,
  samples: SAMPLES,
  form: 'real',
});
const mel = melNet('mel-cnn', { channels: [4] }, { name: 'mel', classes: 3, samples: SAMPLES });

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'otolith-teachers-'));
  for (const [seed, net] of [raw, mel].entries()) {
    const training: Training = {
      format: 'otolith-training',
      version: 1,
      net,
      labels: ['a', 'b', 'c'],
      recipe: RECIPES.real,
      folds: [1],
      dataset: 'none',
      epoch: 1,
      steps: 1,
      history: [],
    };
    await writeCheckpoint(fileOf(net), training, initialParameters(net, seed), new Map());
  }
});
afterAll(() => rm(dir, { recursive: true }));
const fileOf = (net: Net): string => join(dir, `${net.name}.safetensors`);

describeWithLibrary('several teachers', (tf) => {
  const kernels = new Kernels(tf);
  const student = { net: raw, labels: ['a', 'b', 'c'] };
  const learning = { from: undefined, channels: undefined, nodes: 0, features: windows };

  it('say the mean of what each would say', async () => {
    const alone = [raw, mel].map((net, seed) =>
      softmaxRows(
        new TrainableNetwork(net, initialParameters(net, seed), kernels).infer(windows),
        3,
      ),
    );
    const [first, second] = alone;
    expect(first).not.toEqual(second);
    const together = await Teachers.read([fileOf(raw), fileOf(mel)], student, kernels);
    const said = together.probabilities(windows, learning);
    said.forEach((p, i) => {
      expect(p).toBeCloseTo(((first?.[i] ?? 0) + (second?.[i] ?? 0)) / 2, 6);
    });
  });

  it('say it in the order of classes of whom they teach', async () => {
    const said = (await Teachers.read([fileOf(raw)], student, kernels)).probabilities(
      windows,
      learning,
    );
    const turned = { ...student, labels: ['c', 'a', 'b'] };
    const other = await Teachers.read([fileOf(raw)], turned, kernels);
    const [a, b, c] = said;
    expect([...other.probabilities(windows, learning).subarray(0, 3)]).toEqual([c, a, b]);
    const foreign = { ...student, labels: ['a', 'b', 'd'] };
    await expect(Teachers.read([fileOf(raw)], foreign, kernels)).rejects.toThrow(/not know d$/);
    const wide = { ...student, net: { ...raw, input: [1, 7000, 1] as const } };
    await expect(Teachers.read([fileOf(raw)], wide, kernels)).rejects.toThrow(/windows of 6425/);
  });

  it('go on from a frozen front only where it is their own', async () => {
    const teachers = await Teachers.read([fileOf(raw), fileOf(mel)], student, kernels);
    const expected = teachers.probabilities(windows, learning);
    const own = new TrainableNetwork(raw, initialParameters(raw, 0), kernels);
    const nodes = frontOf(raw).length;
    const features = own.front(nodes, windows);
    const shared = { from: fileOf(raw), channels: 4, nodes, features };
    teachers.probabilities(windows, shared).forEach((p, i) => {
      expect(p).toBeCloseTo(expected[i] ?? 0, 5);
    });
    // Features that are nobody's own are not looked at.
    const foreign = { ...shared, from: 'another', features: features.map(() => 0) };
    expect(teachers.probabilities(windows, foreign)).toEqual(expected);
  });
});
