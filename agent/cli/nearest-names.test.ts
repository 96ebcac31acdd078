import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { locate } from '../attach/discover.ts';
import { packageRoot } from '../base/root.ts';
import { readBoardFile } from '../boards/board-file.ts';
import { existingModelPath } from '../run/network-files.ts';

const stateDir = mkdtempSync(join(tmpdir(), 'otolith-nearest-'));
const devices = { byId: '/nowhere', tty: '/nowhere' };

test('a network, a kind of board and a board that are mistyped: the nearest is named', async () => {
  expect(() => existingModelPath('qmicro-acdnet-esc')).toThrow(
    expect.objectContaining({ hint: 'did you mean qmicro-acdnet-esc10?' }),
  );
  expect(() => readBoardFile(packageRoot, 'cortexm44')).toThrow(
    expect.objectContaining({ hint: 'did you mean cortex-m4?' }),
  );
  for (const id of ['cortex-m4', 'emulatd:cortex-m4']) {
    await expect(locate(id, stateDir, devices)).rejects.toMatchObject({
      hint: 'did you mean emulated:cortex-m4?',
    });
  }
  await expect(locate('serial:123', stateDir, devices)).rejects.toMatchObject({
    hint: 'no board is plugged in',
  });
});
