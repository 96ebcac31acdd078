import { describe, expect, test } from 'vitest';
import { boardDefines } from '../build/board-defines.ts';
import { boardLink } from '../build/firmware-plans.ts';
import { flashBytes, maxImageBytes, parseBoardFile, readBoardFile } from './board-file.ts';
import { boardIds } from './board-ids.ts';

const root = new URL('../..', import.meta.url).pathname;

describe('board files', () => {
  test('every folder with a board.json is a board, and every one of them is sound', () => {
    const ids = boardIds(root);
    expect(ids).toEqual(
      expect.arrayContaining(['cortex-m33', 'cortex-m4', 'cortex-m55', 'cortex-m7']),
    );
    for (const id of ids) {
      const { flash, image, ram, stackBytes, emulated } = readBoardFile(root, id);
      expect(flash.slotBytes % flash.sectorBytes).toBe(0);
      expect(flash.slot1).toBeGreaterThanOrEqual(flash.slot0 + flash.slotBytes);
      expect(flash.state).toBeGreaterThanOrEqual(flash.slot1 + flash.slotBytes);
      expect(image.headerSize % 128).toBe(0);
      expect(stackBytes).toBeLessThan(ram.bytes);
      if (emulated !== null) {
        expect(flashBytes(readBoardFile(root, id))).toBeLessThanOrEqual(emulated.memoryBytes);
      }
    }
  });

  test('an unknown board is answered with the names of the known ones', () => {
    expect(() => readBoardFile(root, 'cortex-m99')).toThrow(/no board "cortex-m99"/);
  });

  test('a broken file is refused with the place of the fault', () => {
    expect(() => parseBoardFile('{', 'here')).toThrow('here is not JSON');
    expect(() => parseBoardFile('{"id":"UPPER"}', 'here')).toThrow(/at id/);
  });

  test('the values reach compiler and linker as numbers', () => {
    const board = readBoardFile(root, 'cortex-m4');
    expect(maxImageBytes(board)).toBe(512 * 1024 - 8192);
    expect(boardDefines(board)).toContain('-DOTO_SLOT1=524288u');
    expect(boardDefines(board)).toContain('-DOTO_PICOJOULES_PER_TICK=351u');
    expect(boardDefines(board)).toContain('-DOTO_TICK_HZ=1000000000u');
    expect(boardLink(board, 'app').link).toContain('-Wl,--defsym=OTO_SLOT0_ORIGIN=553648128');
  });
});
