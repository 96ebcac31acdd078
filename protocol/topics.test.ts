import Ajv2020 from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { asyncApi, payloadSchemas } from './asyncapi.ts';
import { readCommand } from './commands.ts';
import { topicNames, topicOf, topics } from './topics.ts';

const verdict = {
  class: 'dog',
  confidence: 0.8,
  latency: { value: 14_800_000, unit: 'instructions' },
  energy: { source: 'none' },
};

describe('topics', () => {
  it('fill in their places', () => {
    expect(topicOf('o/g', 'board/{board}/status', { board: 'm4' })).toBe('o/g/board/m4/status');
    expect(topicOf('o/g', 'board/{board}/status')).toBe('o/g/board/+/status');
  });

  it('have JSON Schemas that agree with zod', () => {
    const ajv = new Ajv2020.default({ strict: false, formats: { 'date-time': true } });
    const at = '2026-01-01T00:00:00.000Z';
    const good = {
      id: 'a',
      at,
      window: 'w',
      pair: ['mel', 'q-2'],
      agree: true,
      verdicts: { mel: verdict, 'q-2': verdict },
      agreement: 1,
    };
    const guessed = { ...verdict, energy: { source: 'guessed', uJ: 3 } };
    const bad: readonly object[] = [
      { ...good, verdicts: { ...good.verdicts, mel: guessed } },
      { ...good, verdicts: { 'a/b': verdict } },
      { ...good, pair: ['mel'] },
      { ...good, pair: ['mel', 'a b'] },
    ];
    const validate = ajv.compile(payloadSchemas().comparison as object);
    const { schema } = topics.comparison;
    expect([validate(good), schema.safeParse(good).success]).toEqual([true, true]);
    for (const each of bad) {
      expect([validate(each), schema.safeParse(each).success]).toEqual([false, false]);
    }
  });

  it('stand in the AsyncAPI document with their references resolved', () => {
    const document = asyncApi('1.2.3');
    const text = JSON.stringify(document);
    for (const [, path] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const found = (path ?? '').split('/').reduce<unknown>((node, key) => {
        return z.record(z.string(), z.unknown()).parse(node)[key];
      }, document);
      expect(found, path).toBeDefined();
    }
    expect(text.match(/"address":/g)).toHaveLength(topicNames.length);
  });
});

describe('readCommand', () => {
  it('never throws, whatever arrives', () => {
    for (const bytes of [[], [0], [0xff], [0x7b], [0x6e, 0x75, 0x6c, 0x6c]]) {
      expect(readCommand('o/g', 'o/g/command/push', Uint8Array.from(bytes)).kind).toBe('refused');
    }
    expect(readCommand('o/g', 'o/g/status', new Uint8Array()).kind).toBe('refused');
    expect(readCommand('o/g', 'o/g/command/__proto__', new Uint8Array()).kind).toBe('refused');
  });
});
