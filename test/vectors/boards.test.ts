import { describe, test } from 'vitest';
import { packageRoot } from '../../agent/base/root.ts';
import { readBoardFile } from '../../agent/boards/board-file.ts';
import { boardIds } from '../../agent/boards/board-ids.ts';
import { checkOperators, checkRandom, checkWhole, LIMIT_MS, type Run } from './check.ts';
import { runOnBoard } from './programs.ts';

const SEEDS = { first: 42, later: 6, last: 6 };
/** Networks around a layer of each operator. */
const EACH = 2;

describe.each(boardIds(packageRoot))('%s', (id) => {
  const board = readBoardFile(packageRoot, id);
  const run: Run = (cases) => runOnBoard(board, cases);
  test('random networks', () => checkRandom(id, SEEDS, run), LIMIT_MS);
  test('each operator', () => checkOperators(id, EACH, run), LIMIT_MS);
  test('whole networks', () => checkWhole(id, run), LIMIT_MS);
});
