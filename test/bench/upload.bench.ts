import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { systemClock } from '../../agent/base/clock.ts';
import { packageRoot } from '../../agent/base/root.ts';
import { readBoardFile } from '../../agent/boards/board-file.ts';
import { sha256 } from '../../agent/firmware/keys.ts';
import { uploadImage } from '../../agent/push/upload.ts';
import { Board } from '../../agent/smp/board.ts';
import { BoardLink } from '../../agent/smp/link.ts';
import { serialPort } from '../../agent/smp/serial.ts';
import { buildImage } from '../../protocol/mcuboot/image.ts';
import { client, Workplace } from '../boards/emulate-command.ts';
import { type Bench, ratioOf } from './bench.ts';

const ROUNDS = 7;
const IMAGE_BYTES = 170_000;

const timing = z.object({ seconds: z.number() });

/** An image of a body that differs from round to round, so that no upload can be resumed. */
async function imageOf(place: Workplace, round: number): Promise<Uint8Array> {
  const board = readBoardFile(packageRoot, 'cortex-m4');
  const body = Uint8Array.from({ length: IMAGE_BYTES }, (_, i) => (i * (2 * round + 3)) >> 3);
  const version = { major: 9, minor: 0, revision: round, build: 0 };
  const head = { version, headerSize: board.image.headerSize, securityCounter: 0 };
  return buildImage({ ...head, body, boardId: board.id }, await place.context.key());
}

async function ours(port: string, image: Uint8Array): Promise<number> {
  const signal = new AbortController().signal;
  const link = new BoardLink({ open: serialPort(port), clock: systemClock, heartbeatMs: 0 });
  link.start(signal);
  try {
    await link.session(signal);
    const board = new Board(link, systemClock);
    const report = await uploadImage(board, image, { sha: sha256(image) }, signal);
    return report.ms / 1000;
  } finally {
    await link.stop();
  }
}

async function theirs(place: Workplace, port: string, image: Uint8Array): Promise<number> {
  const path = place.path('upload.bin');
  await writeFile(path, image);
  const script = join(packageRoot, 'test/boards/clients/upgrade.py');
  return timing.parse(JSON.parse(await client('python', script, port, path, 'upload'))).seconds;
}

export const bench: Bench = {
  title: 'uploading 170 KB to the emulated Cortex-M4, otolith and smpclient in turn',
  async run(print) {
    const place = new Workplace();
    await place.open();
    try {
      await place.otolith('keys', 'create');
      const { port } = await place.emulate('cortex-m4');
      const own: number[] = [];
      const other: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        other.push(await theirs(place, port, await imageOf(place, 2 * round)));
        own.push(await ours(port, await imageOf(place, 2 * round + 1)));
      }
      const rate = (seconds: readonly number[]): string =>
        (
          IMAGE_BYTES /
          1000 /
          ([...seconds].sort((a, b) => a - b)[ROUNDS >> 1] ?? Number.NaN)
        ).toFixed(1);
      print(`otolith ${rate(own)} kB/s, smpclient ${rate(other)} kB/s (medians)`);
      print(`throughput of otolith over smpclient's: ${ratioOf(other, own)}`);
    } finally {
      await place.close();
    }
  },
};
