import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Random } from '../../agent/base/random.ts';
import { main } from '../../agent/cli/main.ts';
import { clipSetOf, SeenClips } from '../../agent/lab/data/clip-set.ts';
import { loadDataset } from '../../agent/lab/data/dataset.ts';
import {
  readCheckpoint,
  type Training,
  writeCheckpoint,
} from '../../agent/lab/train/checkpoint.ts';
import { initialParameters } from '../../agent/lab/train/parameters.ts';
import { RECIPES } from '../../agent/lab/train/recipe.ts';
import { readModel } from '../../agent/model/model.ts';
import { type AcdnetForm, acdnet } from '../../agent/nets/acdnet.ts';
import { useConsole } from '../fakes/console.ts';
import { SOUNDS, type Sound, writeSound } from './generated-clips.ts';
import { describeWithLibrary } from './with-library.ts';

const CHANNELS = [2, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4];

let folder = '';
const at = (...names: readonly string[]): string => join(folder, ...names);
const { complaints } = useConsole();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otolith-other-data-'));
  await writeData('data', SOUNDS, 1);
  await writeData('again', SOUNDS, 2);
  await writeData('third', SOUNDS, 5);
  await writeData('hums', ['tone', 'clicks', 'hum'], 3);
});
afterAll(() => rm(folder, { recursive: true }));

/** A folder per class of five sounds each; a class of another name has noise. */
async function writeData(name: string, classes: readonly string[], seed: number): Promise<void> {
  const random = new Random(seed);
  for (const label of classes) {
    const kind: Sound = SOUNDS.find((s) => s === label) ?? 'noise';
    await mkdir(at(name, label), { recursive: true });
    for (let i = 0; i < 5; i++) await writeSound(at(name, label, `${i}.wav`), kind, random);
  }
}

/** A network as `otolith train --folds 1` leaves it, but for having learnt anything. */
async function writeRun(
  runs: string,
  labels: readonly string[],
  form: AcdnetForm,
  changes: Partial<Training> = {},
  fold = 'fold-1',
): Promise<string> {
  const net = acdnet({
    name: runs,
    channels: CHANNELS,
    classes: labels.length,
    form,
    samples: 6425,
  });
  const training: Training = {
    format: 'otolith-training',
    version: 1,
    net,
    labels: [...labels],
    recipe: { ...RECIPES[form], epochs: 1, batch: 4 },
    folds: [2, 3, 4, 5],
    heldOut: 1,
    dataset: 'generated',
    epoch: 1,
    steps: 1,
    history: [],
    ...changes,
  };
  await mkdir(at(runs, fold), { recursive: true });
  const path = at(runs, fold, 'network.safetensors');
  await writeCheckpoint(path, training, initialParameters(net, 1), new Map());
  return at(runs);
}

/** The one line of a command that fails. */
async function failure(...argv: readonly string[]): Promise<string> {
  complaints.length = 0;
  expect(await main(argv)).toBe(1);
  const [line = '', ...more] = complaints.filter((text) => text.startsWith('otolith: '));
  expect(more).toEqual([]);
  expect(line).not.toContain('\n');
  return line;
}

const compress = (how: string, runs: string, data: string, ...more: readonly string[]) =>
  ['compress', how, runs, '--data', at(data), ...more] as const;
const named = (...more: readonly string[]) => [
  '--name',
  'small',
  '--calibration',
  'minmax',
  ...more,
];

describeWithLibrary('networks and data that do not fit', () => {
  it('a float network is not binarized, an XNOR network neither quantized nor pruned', async () => {
    const float = await writeRun('float', SOUNDS, 'real');
    expect(await failure(...compress('binarize', float, 'data', ...named()))).toMatch(
      /float has real weights alone, nothing to binarize; otolith compress quantize/,
    );
    expect(existsSync(join(float, 'fold-1', 'small.safetensors'))).toBe(false);
    const prune = ['--target', 'channels=50%', '--out', at('pruned')];
    for (const form of ['paper', 'residual'] as const) {
      const xnor = await writeRun(form, SOUNDS, form);
      expect(await failure(...compress('quantize', xnor, 'data', ...named()))).toMatch(
        /is an XNOR network; otolith compress binarize/,
      );
      expect(await failure(...compress('prune', xnor, 'data', ...prune))).toMatch(
        /is an XNOR network, which cannot be pruned/,
      );
    }
    expect(existsSync(at('pruned'))).toBe(false);
  });

  it('data of other classes, or of recordings it never met, are refused', async () => {
    const float = await writeRun('float', SOUNDS, 'real');
    const lacking = /lacks noise of float; it has hum, which float does not know/;
    expect(await failure(...compress('quantize', float, 'hums', ...named()))).toMatch(lacking);
    const prune = ['--target', 'channels=50%', '--out', at('pruned')];
    expect(await failure(...compress('prune', float, 'hums', ...prune))).toMatch(lacking);
    const { clips } = await loadDataset({ dir: at('data') });
    const set = clipSetOf(clips.filter((c) => c.fold > 1));
    const knowing = await writeRun('knowing', SOUNDS, 'real', set && { clips: set });
    expect(await failure(...compress('quantize', knowing, 'again', ...named()))).toMatch(
      /none of these clips is one that knowing was trained on/,
    );
  });

  it('a network of some classes is calibrated on those, by name', async () => {
    const { clips, labels } = await loadDataset({ dir: at('data') });
    const its = clips.filter((c) => c.fold > 1 && labels[c.label] !== 'clicks');
    const set = clipSetOf(its);
    const some = await writeRun('some', ['tone', 'noise'], 'real', set && { clips: set });
    expect(await main(compress('quantize', some, 'data', ...named()))).toBe(0);
    const { metadata } = await readModel(join(some, 'fold-1', 'small.safetensors'));
    expect(metadata.labels).toEqual(['tone', 'noise']);
    expect(metadata.provenance.clips).toEqual(set);
  });

  it('a cross-validation counts no clip that a fold had met, and goes into the file', async () => {
    const { clips } = await loadDataset({ dir: at('data') });
    const [met] = clips.filter((c) => c.fold === 1);
    const set = clipSetOf(clips.filter((c) => c.fold > 1 || c === met));
    const all = clipSetOf(clips);
    const runs = await writeRun('whole', SOUNDS, 'real', set && { clips: set });
    const folds = [1, 2, 3, 4, 5];
    await writeRun('whole', SOUNDS, 'real', all && { clips: all, folds }, 'all');
    expect(await main(compress('quantize', runs, 'data', ...named()))).toBe(0);
    await mkdir(at('zoo'));
    const evaluate = ['evaluate', runs, '--name', 'small', '--data', at('data')];
    expect(await main([...evaluate, '--zoo', at('zoo')])).toBe(0);
    const { metadata } = await readModel(at('zoo', 'small.safetensors'));
    expect(metadata.provenance.clips).toEqual(all);
    const { crossValidated, onTrained } = metadata.evaluation ?? {};
    expect(crossValidated).toMatchObject({ clips: 2, folds: [{ fold: '1', clips: 2 }] });
    expect(onTrained).toBeUndefined();
    expect(metadata.training?.channels.slice(0, 2)).toEqual([2, 4]);
    const card = await readFile(at('zoo', 'small.md'), 'utf8');
    expect(card).toMatch(/^\| together \| \d\/2 = /m);
  });

  it('a training begins only with networks of its classes, in whatever order, and has met what they had', async () => {
    const on = (data: string, ...more: readonly string[]) => [
      ...['train', '--data', at(data), '--folds', '1', '--epochs', '1', '--batch', '4'],
      ...more,
    ];
    const argv = (...more: readonly string[]) => on('data', ...more);
    const other = await writeRun('other', ['tone', 'clicks', 'hum'], 'real');
    expect(await failure(...argv('--start', other, '--out', at('out-1')))).toMatch(
      /lacks hum of other; it has noise, which other does not know/,
    );
    const some = await writeRun('some', ['tone', 'noise'], 'real');
    const all = ['--classes', 'tone,clicks,noise'];
    expect(await failure(...argv('--start', some, ...all, '--out', at('out-1')))).toMatch(
      /does not know clicks/,
    );
    const net = ['--channels', CHANNELS.join(), '--out', at('out-1')];
    expect(await failure(...argv('--teacher', other, ...net))).toMatch(
      /the teacher .* does not know noise/,
    );
    const { clips } = await loadDataset({ dir: at('again') });
    const set = clipSetOf(clips);
    const turned = await writeRun(
      'turned',
      ['noise', 'tone', 'clicks'],
      'real',
      set && { clips: set },
    );
    expect(await main(argv('--start', turned, '--out', at('out-2')))).toBe(0);
    const { training } = await readCheckpoint(at('out-2', 'fold-1', 'network.safetensors'));
    expect(training.labels).toEqual(['noise', 'tone', 'clicks']);
    const seen = training.clips && new SeenClips(training.clips);
    const own = await loadDataset({ dir: at('data') });
    expect(clips.every((c) => seen?.has(c) === true)).toBe(true);
    for (const c of own.clips) expect(seen?.has(c), c.name).toBe(c.fold !== 1);
    // A checkpoint goes on with the clips it was made with alone.
    expect(await failure(...on('third', '--start', turned, '--out', at('out-2')))).toMatch(
      /holds the checkpoint of a training without 12 of these 12 clips/,
    );
  });
});
