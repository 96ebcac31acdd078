import { expect, it, vi } from 'vitest';
import { Notifier } from './notifier.ts';

it('wakes everyone who waits, and remembers one notice that found nobody', async () => {
  const notifier = new Notifier();
  const both = Promise.all([notifier.wait(), notifier.wait()]);
  notifier.notify();
  await both;
  notifier.notify();
  notifier.notify();
  await notifier.wait();
  notifier.notify();
  notifier.forget();
  const woken = vi.fn();
  void notifier.wait().then(woken);
  await new Promise((resolve) => setImmediate(resolve));
  expect(woken).not.toHaveBeenCalled();
});

it('ends a wait when its signal aborts or its time is over', async () => {
  const notifier = new Notifier();
  const stop = new AbortController();
  const waiting = notifier.wait(stop.signal);
  stop.abort();
  await waiting;
  await notifier.wait(stop.signal);
  await notifier.wait(undefined, 1);
});
