import { describe, expect, it } from 'vitest';
import { LaneBook } from './lane-book.ts';

describe('LaneBook', () => {
  it('counts what waits while acknowledgements come in any order', () => {
    const book = new LaneBook();
    expect([book.take(), book.take(), book.take()]).toEqual([0, 1, 2]);
    expect([book.settle(1), book.settle(1)]).toEqual([true, false]);
    expect([book.first, book.waiting]).toEqual([0, 2]);
    book.settle(0);
    expect([book.first, book.waiting]).toEqual([2, 1]);
    expect(book.settle(0)).toBe(false);
  });

  it('gives up the oldest beyond a limit, once each', () => {
    const book = new LaneBook(7);
    for (let i = 0; i < 5; i++) book.take();
    expect(book.trim(3)).toEqual([7, 8]);
    expect([book.first, book.waiting]).toEqual([9, 3]);
    expect(book.trim(3)).toEqual([]);
  });

  it('skips what has arrived already when it gives up', () => {
    const book = new LaneBook();
    for (let i = 0; i < 4; i++) book.take();
    book.settle(1);
    expect(book.trim(3)).toEqual([0]);
    expect([book.first, book.waiting]).toEqual([2, 2]);
  });
});
