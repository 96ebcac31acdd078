import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cardAccuracy } from './networks.ts';

it('reads the cross-validated accuracy from the card beside a model', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'otolith-card-'));
  const model = join(directory, 'net.safetensors');
  expect(await cardAccuracy(model)).toBeUndefined();
  const rows = [
    '| fold left out | ten crops |',
    '| 1 | 60/80 = 75.00 % |',
    '| together | 69/80 = 86.25 % | 77.50 % |',
  ];
  writeFileSync(join(directory, 'net.md'), rows.join('\n'));
  expect(await cardAccuracy(model)).toBe(86.25);
  expect(await cardAccuracy('qmicro-acdnet-esc10')).toBeGreaterThan(50);
});
