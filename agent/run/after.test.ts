import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { after } from './after.ts';

const DAY_MS = 86_400_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it.each([0, 1, 30, 400])('goes off after %i days, and not before', (days) => {
  const callback = vi.fn();
  after(days * DAY_MS, callback);
  if (days > 0) vi.advanceTimersByTime(days * DAY_MS - 1);
  expect(callback).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(callback).toHaveBeenCalledOnce();
  expect(vi.getTimerCount()).toBe(0);
});

it('can be taken back at any time', () => {
  const callback = vi.fn();
  const cancel = after(60 * DAY_MS, callback);
  vi.advanceTimersByTime(40 * DAY_MS);
  cancel();
  vi.advanceTimersByTime(40 * DAY_MS);
  expect(callback).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});
