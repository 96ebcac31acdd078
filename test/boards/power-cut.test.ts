import { describe, expect, test } from 'vitest';
import { buildImage } from '../../protocol/mcuboot/image.ts';
import { run, sourcesIn, useHostProgram } from './host-c.ts';
import { newSigner, pseudoRandom } from './signing.ts';

const simulator = useHostProgram('power-cut', {
  sources: [
    ...sourcesIn('firmware/boot', ['main.c', 'recovery.c']),
    ...sourcesIn('test/boards/power-cut'),
  ],
  includes: ['firmware/boot', 'test/boards/power-cut'],
});

/** Writes key and two images of these body lengths, runs the simulator and returns what it printed. */
async function simulate(
  bodies: readonly [number, number],
  geometry: readonly [sector: number, sectors: number],
  stride: number,
): Promise<string> {
  const signer = newSigner();
  const images = bodies.map((length, index) =>
    buildImage(
      {
        body: pseudoRandom(length, index + 1),
        version: { major: 1, minor: index, revision: 0, build: 0 },
        headerSize: 32,
        securityCounter: index + 1,
        boardId: 'simulated',
      },
      signer,
    ),
  );
  const files = [signer.publicKey, ...images].map((bytes, index) =>
    simulator.write(`${bodies.join('-')}-${index}`, bytes),
  );
  const { stdout } = await run(simulator.path, [...files, ...geometry.map(String), String(stride)]);
  return stdout;
}

describe('power cuts at every flash operation', () => {
  test.each([
    { bodies: [700, 1100] as const, what: 'the new image is longer', stride: 1 },
    { bodies: [1300, 500] as const, what: 'the new image is shorter', stride: 3 },
  ])(
    'small sectors, with a second cut during recovery: $what',
    async ({ bodies, stride }) => {
      const printed = await simulate(bodies, [512, 6], stride);
      console.log(printed);
      expect(printed).toMatch(/total: \d+ cut points, \d+ trials, 0 bricks/);
    },
    300_000,
  );

  test('sectors of 4 KB, one cut', async () => {
    const printed = await simulate([11_000, 15_000], [4096, 7], 0);
    console.log(printed);
    expect(printed).toMatch(/total: \d+ cut points, \d+ trials, 0 bricks/);
  }, 300_000);
});
