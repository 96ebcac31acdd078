import { expect, test } from 'vitest';
import { RoundTrip } from './round-trip.ts';

const bounds = { min: 30, first: 400, max: 5000, slowestBytesPerMs: 11 };

/** A line of 20 ms and 25 bytes a millisecond. */
const lineMs = (bytes: number): number => 20 + bytes / 25;

function learned(sizes: readonly number[]): RoundTrip {
  const roundTrip = new RoundTrip(bounds);
  for (let i = 0; i < 60; i++) {
    const bytes = sizes[i % sizes.length] ?? 0;
    roundTrip.add(lineMs(bytes) + (i % 3), bytes);
  }
  return roundTrip;
}

test('before the first reply it allows for a slow line', () => {
  expect(new RoundTrip(bounds).timeoutMs(1100)).toBe(500);
});

test('large requests get the time they need, small ones do not wait for as long', () => {
  const roundTrip = learned([100, 800, 4000]);
  for (const bytes of [100, 400, 2000, 5000]) {
    const timeout = roundTrip.timeoutMs(bytes);
    expect(timeout).toBeGreaterThan(lineMs(bytes));
    expect(timeout).toBeLessThan(Math.max(bounds.min, lineMs(bytes) * 1.7));
  }
});

test('with requests of one size only, a larger one is given the time of a slow line', () => {
  const roundTrip = learned([200]);
  expect(roundTrip.timeoutMs(200)).toBeLessThan(60);
  expect(roundTrip.timeoutMs(5000)).toBeGreaterThan(lineMs(200) + 4800 / 12);
});

test('a few misses change nothing, many make it patient, a reply ends that', () => {
  const roundTrip = learned([100, 800]);
  const before = roundTrip.timeoutMs(500);
  for (let i = 0; i < 8; i++) roundTrip.missed();
  expect(roundTrip.timeoutMs(500)).toBe(before);
  for (let i = 0; i < 40; i++) roundTrip.missed();
  expect(roundTrip.timeoutMs(500)).toBeGreaterThan(before * 5);
  expect(roundTrip.timeoutMs(500)).toBeLessThanOrEqual(bounds.max);
  roundTrip.add(lineMs(500), 500);
  expect(roundTrip.timeoutMs(500)).toBeLessThan(before * 1.1);
});
