import { describe, expect, it } from 'vitest';
import { type Attempt, Backoff, PACE } from './backoff.ts';

const even = () => new Backoff(PACE, () => 0.5);
const failed: Attempt = { kind: 'failed', livedMs: 0, namesTakeover: true };
const taken: Attempt = { kind: 'taken-over', livedMs: 200, namesTakeover: true };
const closed = (livedMs: number, namesTakeover = false): Attempt => ({
  kind: 'closed',
  livedMs,
  namesTakeover,
});

describe('pauses between connections', () => {
  it('double while none serves, up to a bound, and start over after one did', () => {
    const backoff = even();
    const waits = Array.from({ length: 9 }, () => backoff.after(failed).waitMs);
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    expect(backoff.after({ kind: 'lost', livedMs: 500, namesTakeover: true }).waitMs).toBe(250);
  });

  it('keep two clients of one id apart: a few connections in ten minutes each', () => {
    const backoff = even();
    let passed = 0;
    let links = 0;
    for (let lived = 250; passed < 600_000; links++) {
      const { waitMs, crowded } = backoff.after({ ...taken, livedMs: lived });
      expect(crowded).toBe(true);
      passed += lived + waitMs;
      lived = waitMs; // the other one pauses as long
    }
    expect(links).toBeLessThan(12);
  });

  it('see it by brief connections where the broker cannot say it (3.1.1), and only there', () => {
    const backoff = even();
    const crowded = [300, 300, 300, 300, 3000].map((ms) => backoff.after(closed(ms)).crowded);
    expect(crowded).toEqual([false, false, true, true, true]);
    const telling = even();
    expect([1, 2, 3, 4].map(() => telling.after(closed(300, true)).crowded)).not.toContain(true);
    const mobile = even();
    const lost: Attempt = { kind: 'lost', livedMs: 300, namesTakeover: false };
    expect([1, 2, 3, 4].map(() => mobile.after(lost).crowded)).not.toContain(true);
  });

  it('forget the other client once a connection has held', () => {
    const backoff = even();
    for (let n = 0; n < 8; n++) backoff.after(taken);
    expect(backoff.after(taken).waitMs).toBe(PACE.crowdedLongestMs);
    expect(backoff.after({ ...taken, livedMs: 3_600_000 }).waitMs).toBe(PACE.crowdedFirstMs);
  });
});
