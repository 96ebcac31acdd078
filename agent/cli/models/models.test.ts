import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { useConsole } from '../../../test/fakes/console.ts';
import { writeTestModel } from '../../../test/run/models.ts';
import { zooNames } from '../../run/zoo.ts';
import { main } from '../main.ts';

let folder = '';
let mine = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'otolith-models-'));
  mkdirSync(join(folder, 'runs', 'mine', 'all'), { recursive: true });
  mine = writeTestModel(join(folder, 'runs', 'mine', 'all'), { name: 'mine', form: 'residual' });
  writeFileSync(join(folder, 'runs', 'mine', 'all', 'network.safetensors'), 'a float network');
  writeFileSync(join(folder, 'runs', 'broken.safetensors'), 'no model');
});
afterAll(() => rmSync(folder, { recursive: true }));
const { printed, complaints } = useConsole();

async function models(...args: readonly string[]) {
  const code = await main(['models', ...args]);
  return { code, out: printed.splice(0).join('\n'), err: complaints.splice(0) };
}

test('the zoo, with the figures of its files', async () => {
  const { code, out } = await models(join(folder, 'runs', 'mine'));
  expect(code).toBe(0);
  for (const name of zooNames()) expect(out).toContain(name);
  expect(out).toMatch(/^qmicro-acdnet-esc10 +int8 +90\.9 % \(87\.3-93\.6\) +\d+ KB +10 +1\.51 s$/m);
  expect(out).toMatch(/^mine +xnor +not measured +/m);
  expect(out).toContain(`mine: ${mine}`);
  expect(out).toMatch(/: dog, rooster/);
});

test('as JSON, with what is broken reported beside it', async () => {
  const { code, out, err } = await models(join(folder, 'runs'), '--json');
  expect(code).toBe(0);
  const listed: readonly Record<string, unknown>[] = JSON.parse(out);
  expect(listed.map(({ name }) => name)).toEqual([...zooNames(), 'mine']);
  expect(listed.find(({ name }) => name === 'qmicro-acdnet-esc10')).toMatchObject({
    ...{ from: 'zoo', kind: 'int8', accuracy: 0.909375, clips: 320, sampleRate: 20_000 },
    ...{ reads: 'waveform', interval: [expect.any(Number), expect.any(Number)] },
  });
  expect(listed.at(-1)).toMatchObject({ from: 'own', kind: 'xnor', accuracy: null, path: mine });
  expect(err).toEqual([expect.stringMatching(/^left out: .*broken\.safetensors/)]);
});

test('a file that is named and no model fails, with the nearest name', async () => {
  expect((await models(join(folder, 'runs', 'broken.safetensors'))).code).toBe(1);
  const { code, err } = await models('qmicro-acdnet-esc1');
  expect(code).toBe(1);
  expect(err.join()).toMatch(/did you mean qmicro-acdnet-esc10\?/);
});
