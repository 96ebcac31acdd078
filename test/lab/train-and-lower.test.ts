import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Random } from '../../agent/base/random.ts';
import { packageRoot } from '../../agent/base/root.ts';
import { CompiledModel } from '../../agent/engine/compiled-model.ts';
import { type Clip, type Dataset, loadDataset } from '../../agent/lab/data/dataset.ts';
import { evaluateModel } from '../../agent/lab/evaluation/evaluate-model.ts';
import { testWindows } from '../../agent/lab/evaluation/evaluation.ts';
import { quantize } from '../../agent/lab/lowering/quantize.ts';
import { prune } from '../../agent/lab/prune/prune.ts';
import { type Checkpoint, readCheckpoint } from '../../agent/lab/train/checkpoint.ts';
import { largest } from '../../agent/lab/train/loss.ts';
import { TrainableNetwork } from '../../agent/lab/train/network.ts';
import { RECIPES, type Recipe } from '../../agent/lab/train/recipe.ts';
import { train } from '../../agent/lab/train/trainer.ts';
import type { Model } from '../../agent/model/model.ts';
import { type AcdnetForm, acdnet } from '../../agent/nets/acdnet.ts';
import { costOf } from '../../agent/nets/cost.ts';
import { Kernels, type Tf } from '../../agent/tape/tensorflow.ts';
import { SOUNDS, writeSound } from './generated-clips.ts';
import { describeWithLibrary } from './with-library.ts';

const SAMPLES = 6425;
const GENERATED = 12;
/** Rain and waves are noise too; those of the first fold are never trained on. */
const REAL = ['1-17367-A-10', '1-28135-A-11', '2-101676-A-10', '2-102852-A-11'] as const;

/** Generated and real clips in ESC-50's layout, as three folds. */
async function writeDataset(data: string): Promise<void> {
  const rows = ['filename,fold,target,category'];
  const random = new Random(11);
  await mkdir(join(data, 'audio'), { recursive: true });
  await mkdir(join(data, 'meta'));
  for (const [kind, name] of SOUNDS.entries()) {
    for (let i = 0; i < GENERATED; i++) {
      await writeSound(join(data, 'audio', `${name}-${i}.wav`), name, random);
      rows.push(`${name}-${i}.wav,${1 + (i % 3)},${kind},${name}`);
    }
  }
  for (const clip of REAL) {
    const file = `${clip}.ogg`;
    await copyFile(join(packageRoot, 'agent/audio/clips', file), join(data, 'audio', file));
    rows.push(`${file},${clip[0]},2,noise`);
  }
  await writeFile(join(data, 'meta', 'esc50.csv'), rows.join('\n'));
}

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'otolith-lab-'));
  await writeDataset(join(dir, 'data'));
});
afterAll(() => rm(dir, { recursive: true }));

async function trained(
  tf: Tf,
  dataset: Dataset,
  form: AcdnetForm,
  changes: Partial<Recipe>,
): Promise<Checkpoint> {
  const recipe = { ...RECIPES[form], batch: 16, warmup: 0, ...changes };
  const channels = [4, 8, 8, 16, 16, 16, 16, 32, 32, 32, 32];
  const net = acdnet({
    name: `tiny-${form}`,
    channels,
    conv12: 8,
    classes: SOUNDS.length,
    form,
    samples: SAMPLES,
  });
  const out = join(dir, form);
  await train({ tf, net, recipe, dataset, datasetName: 'tiny', heldOut: 1, dir: out });
  const from = await readCheckpoint(join(out, 'network.safetensors'));
  const { history } = from.training;
  expect(history.at(-1)?.loss).toBeLessThan(0.8 * (history[0]?.loss ?? 0));
  return from;
}

/** A quarter of the channels gone, with fine-tuning after each round. */
function pruned(tf: Tf, dataset: Dataset, { training, ...from }: Checkpoint): Checkpoint {
  const { net, parameters } = prune({
    tf,
    net: training.net,
    parameters: from.parameters,
    clips: dataset.clips.filter((c) => training.folds.includes(c.fold)),
    method: 'taylor',
    target: { kind: 'channels', share: 0.75 },
    perRound: 8,
    tuneEpochs: 4,
    batch: 16,
    learningRate: 0.01,
    seed: 1,
  });
  expect(costOf(net).macs).toBeLessThan(0.9 * costOf(training.net).macs);
  return { ...from, training: { ...training, net }, parameters };
}

/** Share of test windows whose largest logit is the same in the float network and on the integer engine. */
async function agreement(tf: Tf, from: Checkpoint, model: Model, clips: readonly Clip[]) {
  const network = new TrainableNetwork(from.training.net, from.parameters, new Kernels(tf));
  const compiled = await CompiledModel.load(model, { cache: join(dir, 'cache') });
  const windows = clips.flatMap((c) => testWindows(c.samples, SAMPLES));
  const agreed = windows.filter((window) => {
    const logits = network.infer(Float32Array.from(window, (s) => s / 32768));
    return largest(logits) === compiled.run(window).class;
  });
  return agreed.length / windows.length;
}

describeWithLibrary('from clips to integers', (tf) => {
  // Fourteen clips of three classes are held out: chance is five of them.
  it.each([
    ['real', { epochs: 60, learningRate: 0.02 }, 12],
    ['residual', { epochs: 100, learningRate: 0.01 }, 12],
    ['paper', { epochs: 100, learningRate: 0.01 }, 10],
  ] as const)(
    '%s: learns, is made small, and the integer engine agrees with the float network',
    async (form, changes, least) => {
      const dataset = await loadDataset({ dir: join(dir, 'data') });
      expect(dataset.clips.length).toBe(SOUNDS.length * GENERATED + REAL.length);
      const learnt = await trained(tf, dataset, form, { ...changes, frontEpochs: changes.epochs });
      const from = form === 'real' ? pruned(tf, dataset, learnt) : learnt;
      const { model } = await quantize({
        tf,
        from,
        dataset,
        name: `tiny-${form}`,
        calibration: 'auto',
        cache: join(dir, 'cache'),
        biasCorrection: true,
        fineTune: form === 'real' ? 5 : undefined,
      });
      const heldOut = dataset.clips.filter((c) => c.fold === 1);
      const { correct } = await evaluateModel(model, heldOut, join(dir, 'cache'));
      const agreed = await agreement(tf, from, model, heldOut);
      expect(agreed).toBeGreaterThanOrEqual(0.85);
      expect(correct).toBeGreaterThanOrEqual(least);
    },
    240_000,
  );
});
