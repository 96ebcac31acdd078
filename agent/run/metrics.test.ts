import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Accuracy, Recent, spread } from './metrics.ts';
import { findPowerSensor } from './power.ts';

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
    const classes = () => ['dog', 'rain'];
    accuracy.window('int8', 'dog', 'dog');
    accuracy.window('int8', 'rain', 'dog');
    accuracy.add('int8', Float64Array.of(0.9, 0.1));
    accuracy.add('int8', Float64Array.of(0.4, 0.6));
    accuracy.endClip({ file: 'a', label: 'dog' }, classes);
    accuracy.add('int8', Float64Array.of(0.9, 0.1));
    accuracy.endClip({ file: 'b', label: 'rain' }, classes);
    accuracy.add('int8', Float64Array.of(0.9, 0.1));
    accuracy.endClip({ file: 'c' }, classes);
    expect(accuracy.summary()).toEqual({
      windows: { int8: { correct: 1, of: 2 } },
      clips: { int8: { correct: 1, of: 2 } },
    });
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
