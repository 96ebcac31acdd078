import { expect, it } from 'vitest';
import { plainText } from './plain-text.ts';
import { printable } from './printable.ts';

const unsafe = [
  'a\nb',
  'a\rb',
  '\u001b[2J',
  'a\u0000',
  '\u009b31m',
  '\u2028',
  '\u202e',
  '\u007f',
  '\ud800',
  '\t',
];

it.each(unsafe)('refuses %j, and writes it out where it is shown', (text) => {
  expect(plainText.safeParse(text).success).toBe(false);
  expect(plainText.safeParse(printable(text)).success).toBe(true);
  expect(printable(text)).toMatch(/\\u[0-9a-f]{4}/);
});

it.each(['dog', 'crying baby', 'Türglocke', '犬', '🐶 bark', 'a\\nb', ''])(
  'leaves %j alone',
  (text) => {
    expect(plainText.parse(text)).toBe(text);
    expect(printable(text)).toBe(text);
  },
);
