import { expect, it } from 'vitest';
import { readCommand } from './commands.ts';
import { plainText } from './plain-text.ts';

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

it.each(['\n', '\r', '\u001b[2J', '\u2028'])(
  'repeats nothing of a sender with %j as it came',
  (control) => {
    const forged = `x${control}12:00:00 broker: all is well`;
    const received = [
      readCommand('o/a', `o/a/command/${forged}`, bytes({})),
      readCommand('o/a', 'o/a/command/push', bytes({ board: 'm4', [forged]: 1 })),
      readCommand('o/a', 'o/a/command/push', bytes({ board: forged })),
      readCommand('o/a', 'o/a/command/label', bytes({ window: 'w', label: forged })),
      readCommand('o/a', 'o/a/command/label', bytes({ window: forged, label: 'dog' })),
    ];
    for (const command of received) {
      if (command.kind === 'ok') throw new Error('it was taken');
      expect(plainText.safeParse(command.message + command.name).success).toBe(true);
      expect(command.message.length).toBeLessThan(500);
    }
  },
);

it('repeats no more of a sender than fits on a line', () => {
  const long = readCommand(
    'o/a',
    'o/a/command/push',
    bytes({ board: 'm4', ['k'.repeat(3000)]: 1 }),
  );
  if (long.kind === 'ok') throw new Error('it was taken');
  expect(long.message.length).toBeLessThan(500);
});
