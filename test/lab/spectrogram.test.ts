import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Random, randomSamples } from '../../agent/base/random.ts';
import { CompiledModel } from '../../agent/engine/compiled-model.ts';
import { loadDataset } from '../../agent/lab/data/dataset.ts';
import { evaluateModel } from '../../agent/lab/evaluation/evaluate-model.ts';
import { testWindows } from '../../agent/lab/evaluation/evaluation.ts';
import { lower } from '../../agent/lab/lowering/lower.ts';
import { observe } from '../../agent/lab/lowering/observe.ts';
import { quantize } from '../../agent/lab/lowering/quantize.ts';
import { readCheckpoint } from '../../agent/lab/train/checkpoint.ts';
import { largest } from '../../agent/lab/train/loss.ts';
import { TrainableNetwork } from '../../agent/lab/train/network.ts';
import { initialParameters } from '../../agent/lab/train/parameters.ts';
import { RECIPES, type Recipe } from '../../agent/lab/train/recipe.ts';
import { train } from '../../agent/lab/train/trainer.ts';
import { runReference } from '../../agent/model/reference.ts';
import type { Net } from '../../agent/nets/graph.ts';
import { melCnn, melLstm } from '../../agent/nets/mel.ts';
import { logMelFeatures } from '../../agent/ops/log-mel/features.ts';
import { Kernels } from '../../agent/tape/tensorflow.ts';
import { writeSounds } from './generated-clips.ts';
import { describeWithLibrary } from './with-library.ts';

/** Trainings on a busy machine. */
const SLOW = 300_000;
const SAMPLES = 6425;
const MEL = { classes: 3, samples: SAMPLES, frame: 256, hop: 256, bands: 16 } as const;

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'otolith-spectrogram-'));
  await writeSounds(join(dir, 'data'), 15, 11);
});
afterAll(() => rm(dir, { recursive: true }));

const CASES: readonly (readonly [Net, Recipe])[] = [
  [
    melCnn({ name: 'tiny-mel-cnn', channels: [6, 8, 12], ...MEL }),
    { ...RECIPES.spectrogram, epochs: 25, batch: 16, warmup: 0, learningRate: 0.05 },
  ],
  [
    melLstm({ name: 'tiny-mel-lstm', units: 12, ...MEL }),
    { ...RECIPES.recurrent, epochs: 25, batch: 16, warmup: 0, learningRate: 0.01 },
  ],
];

describeWithLibrary('networks on spectrograms, from clips to integers', (tf) => {
  it.each(CASES.map(([net, recipe]) => ({ name: net.name, net, recipe })))(
    '$name: trains, deploys, and the integer engine agrees with the float network',
    async ({ net, recipe, name }) => {
      const dataset = await loadDataset({ dir: join(dir, 'data') });
      const out = join(dir, name);
      await train({ tf, net, recipe, dataset, datasetName: 'generated', heldOut: 1, dir: out });
      const from = await readCheckpoint(join(out, 'network.safetensors'));
      const cache = join(dir, 'cache');
      const options = { calibration: 'minmax', biasCorrection: true } as const;
      const { model } = await quantize({ tf, from, dataset, name, cache, ...options });
      const network = new TrainableNetwork(net, from.parameters, new Kernels(tf));
      const compiled = await CompiledModel.load(model, { cache });
      const heldOut = dataset.clips.filter((c) => c.fold === 1);
      const windows = heldOut.flatMap((c) => testWindows(c.samples, SAMPLES));
      let agreed = 0;
      for (const window of windows) {
        const logits = network.infer(Float32Array.from(window, (s) => s / 32768));
        if (largest(logits) === compiled.run(window).class) agreed++;
      }
      const evaluation = await evaluateModel(model, heldOut, cache);
      console.log(`${name}: ${agreed} of ${windows.length} windows, ${evaluation.correct} of 9`);
      expect(agreed / windows.length).toBeGreaterThan(0.9);
      // Nine clips of three classes that differ in what a spectrogram shows: chance is three.
      expect(evaluation.correct).toBeGreaterThanOrEqual(7);
      const { history } = from.training;
      expect(history.at(-1)?.loss).toBeLessThan(0.7 * (history[0]?.loss ?? 0));
    },
    SLOW,
  );

  it('learns from the features that the deployed model computes, to the bit', () => {
    const [[net] = []] = CASES;
    const mel = net?.nodes[0];
    if (net === undefined || mel?.kind !== 'logMel') throw new Error('no spectrogram');
    const parameters = initialParameters(net, 1);
    const samples = randomSamples(new Random(4), 20000);
    const network = new TrainableNetwork(net, parameters, new Kernels(tf));
    const model = lower({
      net,
      parameters,
      observed: observe(network, [{ name: 'a', fold: 1, label: 0, samples }]),
      calibration: 'minmax',
      biasCorrection: false,
      metadata: {
        name: net.name,
        labels: ['a', 'b', 'c'],
        provenance: { weights: 'random', network: net.name },
      },
    });
    const window = samples.slice(0, SAMPLES);
    const features = logMelFeatures(mel, net.sampleRate);
    const learnt = features(
      Float32Array.from(window, (s) => s / 32768),
      SAMPLES,
    );
    const deployed = runReference(model, window).maps.get('mel');
    expect([...learnt].map((v) => v * 32)).toEqual([...(deployed?.data ?? [])]);
    expect(new Set(learnt).size).toBeGreaterThan(20);
  });
});
