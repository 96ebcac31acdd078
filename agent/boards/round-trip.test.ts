import { expect, test } from 'vitest';
import { RoundTrip } from './round-trip.ts';

const bounds = { min: 30, first: 400, max: 5000 };

test('follows the line: steady replies bring the time-out down to its floor, slow ones up', () => {
  const trip = new RoundTrip(bounds);
  expect(trip.timeoutMs).toBe(400);
  for (let i = 0; i < 50; i++) trip.heard(2);
  expect(trip.timeoutMs).toBe(30);
  for (let i = 0; i < 50; i++) trip.heard(200);
  expect(trip.timeoutMs).toBeGreaterThan(190);
});

test('silence raises it, to a few round trips where they are known and to the bound where not', () => {
  const unknown = new RoundTrip(bounds);
  for (let i = 0; i < 50; i++) unknown.missed();
  expect(unknown.timeoutMs).toBe(5000);
  const known = new RoundTrip(bounds);
  for (let i = 0; i < 50; i++) known.heard(5);
  for (let i = 0; i < 50; i++) known.missed();
  expect(known.timeoutMs).toBeLessThanOrEqual(16 * 5 + 1);
});
