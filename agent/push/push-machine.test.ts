import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BoardHolds, firstState, nextState, type PushEvent } from './push-machine.ts';

const nothing: BoardHolds = { running: false, confirmed: false, waiting: false, marked: false };
const seen = (board: Partial<BoardHolds>): PushEvent => ({
  type: 'seen',
  board: { ...nothing, ...board },
});
const ok: PushEvent = { type: 'ok' };
const failed: PushEvent = { type: 'failed', why: 'because' };

function steps(events: readonly PushEvent[]) {
  const states = [firstState];
  for (const event of events) states.push(nextState(states.at(-1) ?? firstState, event));
  return states;
}

test('a good push goes through every step in order', () => {
  const path = steps([seen({}), ok, ok, ok, seen({ running: true }), ok, ok]).map(
    (state) => state.step,
  );
  expect(path).toEqual([
    'inspect',
    'upload',
    'mark',
    'reset',
    'wait',
    'self-test',
    'confirm',
    'done',
  ]);
});

test('what the board already has is not done again', () => {
  expect(steps([seen({ running: true, confirmed: true })]).at(-1)).toMatchObject({
    how: 'already-running',
  });
  expect(steps([seen({ running: true })]).at(-1)).toMatchObject({ step: 'self-test' });
  expect(steps([seen({ waiting: true })]).at(-1)).toMatchObject({ step: 'mark' });
  expect(steps([seen({ waiting: true, marked: true })]).at(-1)).toMatchObject({ step: 'reset' });
});

test("another client's image on trial goes back before the upload, once", () => {
  const onTrial = seen({ otherOnTrial: '2.0.0' });
  const path = steps([onTrial, ok, seen({}), ok]);
  expect(path.map(({ step }) => step)).toEqual([
    ...['inspect', 'end-trial', 'wait-trial', 'upload', 'mark'],
  ]);
  expect(steps([onTrial, ok, onTrial]).at(-1)).toMatchObject({
    ...{ step: 'failed', running: 'old', why: expect.stringContaining('2.0.0 on trial') },
  });
  // Marked or uploaded already, it still has to go back first: nothing may be marked over a trial.
  expect(steps([seen({ otherOnTrial: '2.0.0', waiting: true })]).at(-1)?.step).toBe('end-trial');
});

test('a failed self-test reverts and says why', () => {
  const path = steps([seen({}), ok, ok, ok, seen({ running: true }), failed, ok, seen({})]);
  expect(path.slice(-3)).toEqual([
    { step: 'revert', why: 'because' },
    { step: 'wait-old', why: 'because' },
    { step: 'failed', why: 'because', running: 'old' },
  ]);
});

test('whatever happens, confirm follows a passed self-test, and every path of events ends', () => {
  const event = fc.oneof(
    fc.constant(ok),
    fc.constant(failed),
    fc
      .record({
        running: fc.boolean(),
        confirmed: fc.boolean(),
        waiting: fc.boolean(),
        marked: fc.boolean(),
        otherOnTrial: fc.constantFrom(undefined, '2.0.0'),
      })
      .map(seen),
  );
  fc.assert(
    fc.property(fc.array(event, { minLength: 30, maxLength: 30 }), (events) => {
      const path = steps(events);
      path.forEach((state, i) => {
        if (state.step === 'confirm' && path[i - 1]?.step !== 'confirm') {
          expect(path[i - 1]?.step).toBe('self-test');
          expect(events[i - 1]?.type).not.toBe('failed');
        }
      });
      // Only waiting for news ('seen') may hold a state; any two events of another kind move on.
      const last = steps([...events, failed, failed, failed, failed]).at(-1);
      expect(['done', 'failed']).toContain(last?.step);
    }),
  );
});
