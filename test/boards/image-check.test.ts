import { describe, expect, test } from 'vitest';
import { vectors } from '../../protocol/vectors/load.ts';
import { run, sourcesIn, useHostProgram } from './host-c.ts';

const BOARD_WRONG = -22;
const COUNTER_TOO_LOW = -23;
const checker = useHostProgram('image-check', {
  sources: [
    ...['image', 'sha256', 'ed25519', 'sodium_port'].map((name) => `firmware/boot/${name}.c`),
    ...sourcesIn('test/boards/image-check'),
  ],
  includes: ['firmware/boot'],
});

type Vector = (typeof vectors.images)[number];

async function check(vector: Vector, board: string, least: number): Promise<string> {
  const files = [vector.image, vector.public].map((bytes, index) =>
    checker.write(`${vector.name}-${index}`, bytes),
  );
  const { stdout } = await run(checker.path, [
    ...files,
    board,
    String(vector.header),
    String(least),
  ]);
  return stdout;
}

describe.each(vectors.images)(
  "the bootloader's check of the golden image $name, made by imgtool",
  (vector) => {
    test('takes it, and no image that differs in one bit', async () => {
      const printed = await check(vector, vector.board, vector.counter);
      console.log(printed.trim());
      const [, flips, started] = /(\d+) flips, (\d+) started/.exec(printed) ?? [];
      const version = vector.version.includes('+') ? vector.version : `${vector.version}+0`;
      expect(printed).toContain(`status 0, `);
      expect(printed).toContain(`version ${version},`);
      expect(Number(flips)).toBeGreaterThan(8 * vector.body.length);
      expect(started).toBe('0');
    });

    test('refuses it for another board and below the security counter', async () => {
      expect(await check(vector, 'cortex-m7', vector.counter)).toContain(`status ${BOARD_WRONG},`);
      expect(await check(vector, vector.board, vector.counter + 1)).toContain(
        `status ${COUNTER_TOO_LOW},`,
      );
    });
  },
);
