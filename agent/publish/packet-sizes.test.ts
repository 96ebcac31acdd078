import { expect, it } from 'vitest';
import { PacketSizes } from './packet-sizes.ts';

function learning(): PacketSizes {
  const sizes = new PacketSizes();
  sizes.learn();
  return sizes;
}

it('condemns a size only after four connections ended at it, and smaller ones never', () => {
  const sizes = learning();
  sizes.acknowledged(300);
  sizes.endedAt(300);
  expect(sizes.limit).toBe(Number.POSITIVE_INFINITY);
  for (const limit of [
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    4999,
  ]) {
    sizes.endedAt(5000);
    expect(sizes.limit).toBe(limit);
  }
});

it('suspects no size for a line that breaks at any moment', () => {
  const sizes = learning();
  for (let n = 0; n < 100; n++) {
    sizes.endedAt(5000);
    if (n % 3 === 2) sizes.endedOtherwise();
  }
  expect(sizes.limit).toBe(Number.POSITIVE_INFINITY);
});

it('acquits a size that is acknowledged after all', () => {
  const sizes = learning();
  for (let n = 0; n < 3; n++) sizes.endedAt(5000);
  expect(sizes.isSuspect(5000)).toBe(true);
  sizes.acknowledged(5000);
  sizes.endedAt(5000);
  expect(sizes.isUnproven(5000)).toBe(false);
  expect(sizes.limit).toBe(Number.POSITIVE_INFINITY);
});

it('believes a broker that says so, and doubts no size where the broker tells its limit', () => {
  const sizes = learning();
  sizes.endedAt(5000, true);
  expect(sizes.limit).toBe(4999);
  expect(new PacketSizes().isUnproven(5000)).toBe(false);
});
