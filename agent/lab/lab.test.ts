import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import wavefile from 'wavefile';
import { CompiledModel } from '../engine/compiled-model.ts';
import { Random } from '../model/random.ts';
import { type AcdnetForm, acdnet } from '../nets/acdnet.ts';
import { type Dataset, loadDataset } from './data/dataset.ts';
import { evaluateModel } from './deploy/evaluate-model.ts';
import { quantize } from './deploy/quantize.ts';
import { testWindows } from './evaluate.ts';
import { Kernels, type Tf } from './tensorflow.ts';
import { readCheckpoint } from './train/checkpoint.ts';
import { largest } from './train/loss.ts';
import { TrainableNetwork } from './train/network.ts';
import { RECIPES } from './train/recipe.ts';
import { train } from './train/trainer.ts';
import { describeWithLibrary } from './with-library.ts';

const RATE = 20000;
const SAMPLES = 6425;

/** Sounds of three classes that a tiny network tells apart in seconds: a tone, noise, a train of clicks. */
function sound(kind: number, random: Random): Int16Array {
  const out = new Int16Array(RATE * 0.6);
  const hz = random.int(600, 1200);
  const loud = random.int(3000, 20000);
  const gap = random.int(700, 1100);
  for (let i = 0; i < out.length; i++) {
    const noise = (random.int(0, 20000) - 10000) / 10000;
    const tone = Math.sin((2 * Math.PI * hz * i) / RATE);
    const click = i % gap < 40 ? noise : noise / 100;
    out[i] = loud * ([tone, noise, click][kind] ?? 0) + random.int(-20, 20);
  }
  return out;
}

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'otolith-lab-'));
  const random = new Random(11);
  for (const [kind, name] of ['tone', 'noise', 'clicks'].entries()) {
    await mkdir(join(dir, 'data', name), { recursive: true });
    for (let i = 0; i < 15; i++) {
      const wav = new wavefile.WaveFile();
      wav.fromScratch(1, RATE, '16', sound(kind, random));
      await writeFile(join(dir, 'data', name, `${i}.wav`), wav.toBuffer());
    }
  }
});
afterAll(() => rm(dir, { recursive: true }));

function tiny(form: AcdnetForm) {
  const channels = [4, 8, 8, 8, 8, 8, 16, 16, 16, 16, 16];
  return acdnet({
    name: `tiny-${form}`,
    channels,
    conv12: 8,
    classes: 3,
    form,
    samples: SAMPLES,
  });
}

async function trained(tf: Tf, dataset: Dataset, form: AcdnetForm, changes: object = {}) {
  const out = join(dir, form);
  const recipe = { ...RECIPES[form], epochs: 60, batch: 16, warmup: 0, ...changes };
  await train({
    tf,
    net: tiny(form),
    recipe,
    dataset,
    datasetName: 'generated',
    heldOut: 1,
    dir: out,
  });
  return readCheckpoint(join(out, 'network.safetensors'));
}

describeWithLibrary('from clips to integers', (tf) => {
  it.each([
    ['real', { learningRate: 0.02 }, 0.93, 6],
    ['residual', { learningRate: 4e-3 }, 0.7, 3],
    ['paper', { learningRate: 4e-3 }, 0.7, 5],
  ] as const)(
    '%s: trains, deploys, and the integer engine agrees with the float network',
    async (form, changes, agreement, least) => {
      const dataset = await loadDataset({ dir: join(dir, 'data') });
      expect(dataset.clips.length).toBe(45);
      const from = await trained(tf, dataset, form, { frontEpochs: 60, ...changes });
      const { model } = await quantize({
        tf,
        from,
        dataset,
        name: `tiny-${form}`,
        calibration: 'auto',
        cache: join(dir, 'cache'),
        biasCorrection: true,
      });
      const heldOut = dataset.clips.filter((c) => c.fold === 1);
      const evaluation = await evaluateModel(model, heldOut, join(dir, 'cache'));
      const network = new TrainableNetwork(tiny(form), from.parameters, new Kernels(tf));
      const compiled = await CompiledModel.load(model, { cache: join(dir, 'cache') });
      let agreed = 0;
      const windows = heldOut.flatMap((c) => testWindows(c.samples, SAMPLES));
      for (const window of windows) {
        const logits = network.infer(Float32Array.from(window, (s) => s / 32768));
        if (largest(logits) === compiled.run(window).class) agreed++;
      }
      expect(agreed / windows.length).toBeGreaterThan(agreement);
      const { history } = from.training;
      expect(history.at(-1)?.loss).toBeLessThan(0.95 * (history[0]?.loss ?? 0));
      // Nine clips of three classes: chance is three; sixty epochs of 36 clips teach a binary network little more.
      expect(evaluation.correct).toBeGreaterThanOrEqual(least);
    },
  );
});
