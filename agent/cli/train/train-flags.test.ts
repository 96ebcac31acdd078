import { describe, expect, it } from 'vitest';
import { netOf, recipeOf, type TrainFlags } from './train-flags.ts';

/** The flags of `otolith train` as they are unless given. */
const USUAL: TrainFlags = {
  data: 'esc10',
  out: 'runs',
  net: 'micro-acdnet',
  form: 'real',
  folds: ['all'],
  jobs: 1,
  batch: 64,
  seed: 1,
  distill: 0.7,
};

describe('flags of otolith train', () => {
  it('name networks on spectrograms and their sizes', () => {
    const lstm = netOf({ ...USUAL, net: 'mel-lstm', units: 12 }, 3);
    expect(lstm.nodes.find((n) => n.kind === 'lstm')).toMatchObject({ units: 12 });
    const cnn = netOf({ ...USUAL, net: 'mel-cnn', channels: [4, 5], name: 'small' }, 3);
    expect(cnn.name).toBe('small');
    expect(cnn.nodes.flatMap((n) => (n.kind === 'conv' ? [n.channels] : []))).toEqual([4, 5]);
  });

  it('are refused where they make no sense together', () => {
    const wrong = (changes: Partial<TrainFlags>) => () => netOf({ ...USUAL, ...changes }, 3);
    expect(wrong({ net: 'mel-lstm', form: 'paper' })).toThrow(/mel-lstm has real weights only/);
    expect(wrong({ net: 'resnet' })).toThrow(/--net resnet is unknown/);
  });

  it('let the front learn for all epochs, unless it is taken over or a spectrogram', () => {
    const flags = { ...USUAL, epochs: 30 };
    const acdnet = netOf(flags, 3);
    expect(recipeOf(flags, acdnet).frontEpochs).toBe(30);
    expect(recipeOf({ ...flags, front: 'runs/micro' }, acdnet).frontEpochs).toBe(0);
    expect(recipeOf({ ...flags, frontEpochs: 7 }, acdnet).frontEpochs).toBe(7);
    expect(recipeOf(flags, netOf({ ...flags, net: 'mel-cnn' }, 3)).frontEpochs).toBe(0);
  });

  it('leave the recipe to the network, also where a second stage begins with one', () => {
    const flags = { ...USUAL, start: 'runs/pruned' };
    const recurrent = recipeOf(flags, netOf({ ...USUAL, net: 'mel-lstm' }, 3));
    expect(recurrent).toMatchObject({ frontEpochs: 0, optimizer: 'adam' });
  });

  it('ask for a first stage and averaged weights only where they are wanted', () => {
    const real = netOf(USUAL, 3);
    const binary = netOf({ ...USUAL, form: 'residual' }, 3);
    expect(Object.keys(recipeOf(USUAL, real))).not.toContain('average');
    const flags: TrainFlags = { ...USUAL, stage: 'activations', average: 0.99 };
    expect(recipeOf(flags, binary)).toMatchObject({ weights: 'real', average: 0.99 });
    expect(() => recipeOf(flags, real)).toThrow(/--stage activations needs/);
    expect(() => recipeOf({ ...flags, average: 2 }, binary)).toThrow(/--average/);
    expect(() => recipeOf({ ...flags, stage: 'second' }, binary)).toThrow(/--stage second/);
  });
});
