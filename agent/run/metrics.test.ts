import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { networkOf, resultOf } from '../../test/run/results.ts';
import { Accuracy } from './accuracy.ts';
import { Metrics } from './metrics.ts';
import { findPowerSensor } from './power.ts';
import { Recent, spread } from './recent.ts';

describe('spread', () => {
  it('gives median and 95th percentile by nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect(spread(values)).toEqual({ median: 50, p95: 95, of: 100 });
    expect(spread([7])).toEqual({ median: 7, p95: 7, of: 1 });
    expect(spread([]).of).toBe(0);
  });
});

describe('Recent', () => {
  it('keeps the last so many', () => {
    const recent = new Recent<number>(3);
    for (let i = 0; i < 5; i++) recent.push(i);
    expect(recent.values).toEqual([2, 3, 4]);
  });
});

describe('Accuracy', () => {
  it('counts windows, and clips by the mean of their windows', () => {
    const accuracy = new Accuracy();
    const classes = ['dog', 'rain'];
    accuracy.window('mine', 'dog', 'dog');
    accuracy.window('mine', 'rain', 'dog');
    accuracy.add('mine', Float64Array.of(0.9, 0.1), classes);
    accuracy.add('mine', Float64Array.of(0.4, 0.6), classes);
    accuracy.endClip({ file: 'a', label: 'dog' });
    accuracy.add('mine', Float64Array.of(0.9, 0.1), classes);
    accuracy.endClip({ file: 'b', label: 'rain' });
    accuracy.add('mine', Float64Array.of(0.9, 0.1), classes);
    accuracy.endClip({ file: 'c' });
    expect(accuracy.summary()).toEqual({
      windows: { mine: { correct: 1, of: 2 } },
      clips: { mine: { correct: 1, of: 2 } },
    });
  });
});

describe('Metrics', () => {
  const window = (label?: string) => ({
    ...{ samples: new Int16Array(), at: 0 },
    ...(label === undefined ? {} : { clip: { file: 'a.wav', label } }),
  });

  it('counts a label for the networks that know it, once, and names the classes where none does', () => {
    const metrics = new Metrics();
    const results = [
      resultOf(networkOf('pets', ['dog', 'cat']), 'dog'),
      resultOf(networkOf('weather', ['rain', 'wind']), 'rain'),
    ];
    const rest = { window: window(), comparisons: [], detection: undefined };
    metrics.count({ id: 'w', results, ...rest });
    expect(metrics.label('w', 'snow')).toEqual({
      kind: 'unknown',
      classes: ['dog', 'cat', 'rain', 'wind'],
    });
    expect(metrics.label('w', 'cat').kind).toBe('counted');
    expect(metrics.label('w', 'cat').kind).toBe('forgotten');
    expect(metrics.accuracy().windows).toEqual({ pets: { correct: 0, of: 1 } });
  });

  it('forgets what was counted of a network that is gone, and nothing else', () => {
    const metrics = new Metrics();
    const results = ['old', 'stays'].map((name) => resultOf(networkOf(name), 'dog'));
    for (const id of ['a', 'b']) {
      metrics.count({ id, window: window('dog'), results, comparisons: [], detection: undefined });
    }
    metrics.forget(new Set(['old']));
    metrics.label('b', 'rain');
    metrics.endClip({ file: 'a.wav', label: 'dog' });
    expect(metrics.accuracy()).toEqual({
      windows: { stays: { correct: 2, of: 3 } },
      clips: { stays: { correct: 1, of: 1 } },
    });
    expect(Object.keys(metrics.latency())).toEqual(['stays']);
    expect(Object.keys(metrics.energy())).toEqual(['stays']);
    expect(metrics.windows).toBe(2);
  });
});

describe('findPowerSensor', () => {
  it('reads the supply sensor in watts, and knows when there is none', () => {
    const root = mkdtempSync(join(tmpdir(), 'otolith-hwmon-'));
    expect(findPowerSensor(join(root, 'nothing'))).toBeUndefined();
    const sensor = (name: string, files: Record<string, string>) => {
      mkdirSync(join(root, name));
      for (const [file, text] of Object.entries(files)) writeFileSync(join(root, name, file), text);
    };
    sensor('hwmon0', { name: 'coretemp\n', power1_input: '1\n' });
    expect(findPowerSensor(root)).toBeUndefined();
    sensor('hwmon1', { name: 'ina219\n', power1_input: '2340000\n' });
    expect(findPowerSensor(root)?.()).toBe(2.34);
  });
});
