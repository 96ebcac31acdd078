import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readBoardFile } from '../../agent/boards/board-file.ts';
import { boardDefines } from '../../agent/boards/firmware-build.ts';
import { buildImage } from '../../protocol/mcuboot/image.ts';
import { buildHostProgram, root, run, sourcesIn } from './host-c.ts';
import { newSigner, pseudoRandom } from './signing.ts';

const FRAMES = 1_000_000;
const RUNS = 2;
let folder = '';
let server = '';
let image = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'otolith-smp-'));
  const board = readBoardFile(root, 'cortex-m4');
  server = await buildHostProgram({
    folder,
    name: 'smp-host',
    sources: [
      ...sourcesIn('firmware/app', ['main.c']),
      ...sourcesIn('firmware/smp'),
      ...sourcesIn('firmware/boot', ['main.c', 'recovery.c', 'ed25519.c']),
      ...sourcesIn('test/boards/smp-host'),
      join(root, 'test/boards/toy-model.c'),
    ],
    includes: ['boards', 'boot', 'smp', 'app', 'nn'].map((name) => `firmware/${name}`),
    defines: boardDefines(board),
  });
  image = join(folder, 'image');
  const recipe = {
    body: pseudoRandom(3000, 5),
    version: { major: 1, minor: 0, revision: 0, build: 0 },
    headerSize: board.image.headerSize,
    securityCounter: 1,
    boardId: board.id,
  };
  writeFileSync(image, buildImage(recipe, newSigner()));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the SMP server in C, under ASan and UBSan', () => {
  test(`takes ${FRAMES} wrong frames without a crash and answers the next right one`, async () => {
    const runs = Array.from({ length: RUNS }, (_, seed) =>
      run(server, [image, String(FRAMES / RUNS), String(seed + 1)]),
    );
    for (const { stdout } of await Promise.all(runs)) {
      console.log(stdout.trim());
      expect(stdout).toMatch(/0 crashes/);
      expect(Number(/(\d+) answers/.exec(stdout)?.[1])).toBeGreaterThan(FRAMES / RUNS / 20);
    }
  }, 600_000);
});
