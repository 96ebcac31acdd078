import { expect, it } from 'vitest';
import { Closing } from './closing.ts';

it('closes everything, the last first, whatever fails or hangs on the way', async () => {
  const lines: string[] = [];
  const closed: string[] = [];
  const closing = new Closing((line) => lines.push(line));
  const add = (name: string, close: () => Promise<unknown> = async () => undefined) =>
    closing.add(name, 20, () => {
      closed.push(name);
      return close();
    });
  add('the outbox');
  add('the broker', () => Promise.reject(new Error('no such process')));
  add('the connection', () => new Promise(() => undefined));
  add('boards', () => {
    throw new Error('gone');
  });
  expect(await closing.close()).toBe(false);
  expect(closed).toEqual(['boards', 'the connection', 'the broker', 'the outbox']);
  expect(lines).toEqual([
    'stopping: boards failed (gone)',
    'stopping: the connection did not end within 0.02 s and is left',
    'stopping: the broker failed (no such process)',
  ]);
  expect(await closing.close()).toBe(true);
});
