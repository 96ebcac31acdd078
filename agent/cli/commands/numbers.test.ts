import { describe, expect, it } from 'vitest';
import { foldList, real, whole, wholeList } from './numbers.ts';

const all = <T>(parse: (text: string) => T, texts: readonly string[], words: RegExp): void => {
  for (const text of texts) expect(() => parse(text), text).toThrow(words);
};

describe('numbers on the command line', () => {
  it('are whole where that is meant', () => {
    expect(whole()('0')).toBe(0);
    expect(whole({ least: 2, most: 4_294_967_295 })('4294967295')).toBe(4_294_967_295);
    const wrong = ['', ' ', 'abc', '1.5', '-1', '1e3', '0x10', '1_000', '12345678901', 'NaN', '٣'];
    all(whole(), wrong, /^It must be a whole number from 0 to 1000000000\.$/);
    all(whole({ least: 2 }), ['1', '0'], /from 2 to/);
  });

  it('have fractions and exponents elsewhere, within bounds that are said', () => {
    expect(real({ above: 0 })('1e-3')).toBe(0.001);
    expect(real({ least: 0, most: 1 })('.5')).toBe(0.5);
    all(
      real({ above: 0 }),
      ['0', '-1', 'abc', '', '1,5', 'Infinity', '1e999', '0x1'],
      /above 0\.$/,
    );
    all(real({ above: 0, below: 1 }), ['1', '0'], /above 0 below 1/);
    all(real({ least: 0, most: 1 }), ['1.01', '-0.1'], /from 0 to 1/);
  });

  it('come in lists whose wrong item is named', () => {
    expect(wholeList({ least: 1 })('8, 16,32')).toEqual([8, 16, 32]);
    all(wholeList({ least: 1 }), ['1,,2', '', '1,'], /"" must be a whole number from 1/);
    all(wholeList({ least: 1 }), ['1,x', 'x'], /"x" must be/);
    all(wholeList({ least: 1 }), ['0', '4,0'], /"0" must be/);
  });

  it('name folds, ranges of them, and words', () => {
    const parse = foldList('all');
    expect(parse('1,3-5,all,4')).toEqual([1, 3, 4, 5, 'all']);
    all(parse, ['1,,2', ''], /"" is not a fold: .*1-4, all\.$/);
    all(parse, ['x', '1,x'], /"x" is not a fold/);
    all(parse, ['0', '-1', '1.5', '4-1', '1-', '1-100000', 'test', 'ALL'], /is not a fold/);
  });
});
