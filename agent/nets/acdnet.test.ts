import { describe, expect, it } from 'vitest';
import { acdnet } from './acdnet.ts';
import { costOf } from './cost.ts';
import { ACDNET_PRESETS } from './presets.ts';
import { shapesOf } from './shapes.ts';

const preset = (name: keyof typeof ACDNET_PRESETS, classes: number) =>
  acdnet({ name, ...ACDNET_PRESETS[name], classes, form: 'real' });

describe('ACDNet family', () => {
  it('agrees with the published ACDNet at 50 classes', () => {
    const cost = costOf(preset('acdnet', 50));
    expect(cost.parameters / 1e6).toBeCloseTo(4.74, 2);
    expect(Math.round(cost.macs / 1e6)).toBe(542);
  });

  it('agrees with the published Micro-ACDNet', () => {
    expect(costOf(preset('micro-acdnet', 50)).parameters).toBe(131474);
    const ten = costOf(preset('micro-acdnet', 10));
    expect(ten.parameters).toBe(129514);
    expect(ten.macs / 1e6).toBeCloseTo(14.28, 2);
  });

  it('has the shapes of the paper', () => {
    const shapes = shapesOf(preset('micro-acdnet', 10));
    expect(shapes.get('image')).toEqual([20, 151, 1]);
    expect(shapes.get('conv11')).toEqual([1, 4, 69]);
    expect(shapes.get('dense')).toEqual([1, 1, 10]);
  });

  it('counts the small residual network: 6.3 M real and 14.3 M binary MACs', () => {
    const channels = [8, 16, 16, 32, 32, 32, 32, 64, 64, 96, 96];
    const net = acdnet({ name: 'small', channels, conv12: 48, classes: 10, form: 'residual' });
    const cost = costOf(net);
    expect(cost.realMacs / 1e6).toBeCloseTo(6.3, 1);
    expect(cost.binaryMacs / 1e6).toBeCloseTo(14.3, 1);
  });

  it('takes a spectrogram in place of conv1 and conv2', () => {
    const net = acdnet({
      ...ACDNET_PRESETS['mel-acdnet'],
      name: 'mel',
      classes: 10,
      form: 'residual',
    });
    const shapes = shapesOf(net);
    expect(shapes.get('mel')).toEqual([117, 40, 1]);
    expect(shapes.get('conv3')).toEqual([29, 20, 16]);
    expect(shapes.get('conv11')).toEqual([1, 1, 96]);
    const binary = net.nodes.flatMap((n) =>
      n.kind === 'conv' && n.form === 'residual' ? [n.id] : [],
    );
    expect(binary).toEqual([
      'conv4',
      'conv5',
      'conv6',
      'conv7',
      'conv8',
      'conv9',
      'conv10',
      'conv11',
    ]);
    expect(costOf(net).binaryMacs / 1e6).toBeCloseTo(21.6, 1);
    const paper = acdnet({
      ...ACDNET_PRESETS['mel-acdnet'],
      name: 'p',
      classes: 10,
      form: 'paper',
    });
    expect(paper.nodes.find((n) => n.id === 'conv3')).toMatchObject({ form: 'plain' });
    expect(paper.nodes.find((n) => n.id === 'conv12')).toMatchObject({ form: 'paper' });
  });

  it('refuses a channel list of the wrong length in one clear line', () => {
    expect(() => acdnet({ name: 'x', channels: [1, 2], classes: 10, form: 'real' })).toThrow(
      /eleven channel counts/,
    );
    const front = 'spectrogram' as const;
    const short = { name: 'x', front, channels: [1, 2], classes: 10, form: 'real' } as const;
    expect(() => acdnet(short)).toThrow(/spectrogram has nine channel counts, conv3 to conv11/);
  });
});
