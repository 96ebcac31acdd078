import { describe, expect, it } from 'vitest';
import { SequenceLedger } from './sequence-ledger.ts';

describe('SequenceLedger', () => {
  it('counts what waits while acknowledgements come in any order', () => {
    const ledger = new SequenceLedger();
    expect([ledger.take(), ledger.take(), ledger.take()]).toEqual([0, 1, 2]);
    expect([ledger.settle(1), ledger.settle(1)]).toEqual([true, false]);
    expect([ledger.first, ledger.waiting]).toEqual([0, 2]);
    ledger.settle(0);
    expect([ledger.first, ledger.waiting]).toEqual([2, 1]);
    expect(ledger.settle(0)).toBe(false);
  });

  it('gives up the oldest beyond a limit, once each', () => {
    const ledger = new SequenceLedger(7);
    for (let i = 0; i < 5; i++) ledger.take();
    expect(ledger.trim(3)).toEqual([7, 8]);
    expect([ledger.first, ledger.waiting]).toEqual([9, 3]);
    expect(ledger.trim(3)).toEqual([]);
  });

  it('skips what has arrived already when it gives up', () => {
    const ledger = new SequenceLedger();
    for (let i = 0; i < 4; i++) ledger.take();
    ledger.settle(1);
    expect(ledger.trim(3)).toEqual([0]);
    expect([ledger.first, ledger.waiting]).toEqual([2, 2]);
  });
});
