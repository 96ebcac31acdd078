import { expect, it } from 'vitest';
import { jsonScreen } from './json-screen.ts';

it('prints objects and nothing else, a line each', () => {
  let text = '';
  const out = { write: (more: string) => (text += more) };
  const screen = jsonScreen({ out, now: () => 0 });
  screen.log('broker: "away"\nand \u001b[2J gone', 'bad');
  screen.message?.('otolith/attic/board/m4/status', '{"state":"online"}');
  const task = screen.task('m4', 'pushing');
  task.update('uploading', 0.5);
  task.end('m4: confirmed', 'good');
  const lines = text.trimEnd().split('\n');
  const [log, message, begin, end] = lines.map((line) => JSON.parse(line) as unknown);
  expect(lines).toHaveLength(4);
  expect(log).toMatchObject({
    at: '1970-01-01T00:00:00.000Z',
    log: expect.stringContaining('broker: "away"'),
  });
  expect(message).toEqual({ topic: 'otolith/attic/board/m4/status', payload: { state: 'online' } });
  expect([begin, end]).toMatchObject([{ log: 'm4: pushing' }, { log: 'm4: confirmed' }]);
});
