import { expect, it } from 'vitest';
import { statusLine } from './status-line.ts';

const metrics = { windows: 0, lastDetected: undefined, audio: 'starting' };
const quiet = {
  metrics,
  publisher: { connected: false },
  outbox: { state: { waiting: 0, dropped: 0, lost: 0 } },
  boards: { online: { online: 0, all: 0 } },
};

it('says how a gateway is, and no more than there is to say', () => {
  expect(statusLine(quiet)).toBe('0 windows; audio starting; broker away');
  const busy = {
    metrics: { windows: 412, lastDetected: 'dog', audio: 'offline (unplugged)' },
    ...{ publisher: { connected: true }, outbox: { state: { waiting: 3, dropped: 0, lost: 0 } } },
  };
  expect(statusLine({ ...busy, boards: { online: { online: 1, all: 2 } } })).toBe(
    '412 windows; last detected dog; audio offline (unplugged); broker connected, 3 messages wait; 1 of 2 boards online',
  );
  expect(statusLine({ ...quiet, boards: { online: { online: 1, all: 1 } } })).toMatch(
    /1 of 1 board online$/,
  );
});

it('is one line, whatever a class or a microphone calls itself', () => {
  const hostile = { ...metrics, audio: 'offline (a\nWATCHDOG=1)', lastDetected: '\u001b[2J' };
  const line = statusLine({ ...quiet, metrics: hostile });
  expect([...line].filter((sign) => sign < ' ')).toEqual([]);
});
