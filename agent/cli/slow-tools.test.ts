import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { toolBegins } from '../build/running-tools.ts';
import { tellSlowTools } from './slow-tools.ts';

let said: string[] = [];
let unwatch: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  said = [];
  unwatch = tellSlowTools((line) => said.push(line));
});

afterEach(() => {
  unwatch();
  vi.useRealTimers();
});

test('what a PC does in seconds is not reported', () => {
  toolBegins('compiling micro for wasm')();
  const ends = toolBegins('compiling micro for cortex-m4');
  vi.advanceTimersByTime(4000);
  ends();
  vi.advanceTimersByTime(600_000);
  expect(said).toEqual([]);
});

test('the tools of one task are one: side by side, and one after the other', () => {
  const files = [toolBegins('compiling micro for wasm'), toolBegins('compiling micro for wasm')];
  vi.advanceTimersByTime(6000);
  for (const ends of files) ends();
  const linked = toolBegins('compiling micro for wasm');
  vi.advanceTimersByTime(120_000);
  linked();
  vi.advanceTimersByTime(600_000);
  expect(said).toEqual([
    'compiling micro for wasm (a slow machine takes its time)',
    'compiling micro for wasm, 30 s so far',
    'compiling micro for wasm, 60 s so far',
    'compiling micro for wasm, 120 s so far',
  ]);
});
