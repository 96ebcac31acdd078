import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { FakeBoard } from '../../../test/fakes/board.ts';
import { useConsole } from '../../../test/fakes/console.ts';
import { PtyDevice } from '../../../test/fakes/pty.ts';
import { listBoards } from './boards.ts';

const rows = z.array(z.looseObject({ path: z.string(), answer: z.string() }));
const { printed } = useConsole();
const device = new PtyDevice();

afterEach(async () => {
  process.exitCode = undefined;
  await device.stop();
});

const probed = async (port: string, framing?: 'raw') => {
  const options = framing === undefined ? {} : { framing };
  await listBoards({ probe: port, json: true, ...options });
  return rows.parse(JSON.parse(printed.join('\n')));
};

test.each(['console', 'raw'] as const)(
  'one port is asked by name, in %s framing too, though no list has it',
  async (framing) => {
    const path = await device.start((send) => new FakeBoard(new Uint8Array(64), send, { framing }));
    const [row, ...more] = await probed(path, framing === 'raw' ? 'raw' : undefined);
    expect(more).toEqual([]);
    expect(row).toMatchObject({ path, answer: 'otolith', info: { board: 'fake' } });
    expect(process.exitCode).toBeUndefined();
  },
);

test('a port that stays silent is an error of the command that named it', async () => {
  const path = await device.start(() => ({ receive: () => {} }));
  expect(await probed(path)).toMatchObject([{ path, answer: 'silent' }]);
  expect(process.exitCode).toBe(1);
  await expect(listBoards({ probe: 'serial:nobody' })).rejects.toMatchObject({
    code: 'board-absent',
  });
});
