import { readBoardFile } from '../../agent/boards/board-file.ts';
import { boardDefines } from '../../agent/build/board-defines.ts';
import { buildImage } from '../../protocol/mcuboot/image.ts';
import { root, sourcesIn, useHostProgram } from './host-c.ts';
import { newSigner, pseudoRandom } from './signing.ts';

const board = readBoardFile(root, 'cortex-m4');

/** The application's SMP server for this machine, under ASan and UBSan, as the tests of this file use it. */
export function useSmpHost() {
  return useHostProgram('smp-host', {
    sources: [
      ...sourcesIn('firmware/app', ['main.c']),
      ...sourcesIn('firmware/smp'),
      ...sourcesIn('firmware/boot', ['main.c', 'recovery.c', 'ed25519.c']),
      ...sourcesIn('test/boards/smp-host'),
      'test/boards/toy-model.c',
    ],
    includes: ['boards', 'boot', 'smp', 'app', 'nn'].map((name) => `firmware/${name}`),
    defines: boardDefines(board),
  });
}

/** An image for that server's board, version 1.0.`revision`. */
export function hostImage(revision: number): Uint8Array {
  const recipe = {
    body: pseudoRandom(3000, 5 + revision),
    version: { major: 1, minor: 0, revision, build: 0 },
    headerSize: board.image.headerSize,
    securityCounter: 1,
    boardId: board.id,
  };
  return buildImage(recipe, newSigner());
}
