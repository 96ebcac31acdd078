import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { until } from '../publish/broker.ts';
import { startGateway } from './gateway.ts';
import { testNetworks } from './program.ts';

const [, xnor] = testNetworks();
const stateDir = mkdtempSync(join(tmpdir(), 'otolith-discovery-'));

/** One run on the state folder: components that it tells Home Assistant to remove. */
async function withdrawn(): Promise<readonly string[]> {
  const running = await startGateway({ networks: [xnor], gateway: { stateDir } });
  const announced = () =>
    running.seen.findLast(({ topic }) => topic === 'homeassistant/device/otolith_attic/config');
  await until(() => announced() !== undefined);
  await running.stop();
  const { components } = JSON.parse(announced()?.payload ?? '{}');
  return Object.keys(components).filter(
    (key) => Object.keys(components[key]).join() === 'platform',
  );
}

it('tells Home Assistant of nothing to remove on a new machine, and of former names where an older version ran', async () => {
  expect(await withdrawn()).toEqual([]);
  expect(await withdrawn()).toEqual([]);
  // As a version leaves its state folder that remembered nothing.
  rmSync(join(stateDir, 'home-assistant.json'));
  expect(await withdrawn()).toEqual([
    ...['sound', 'confidence', 'latency', 'energy'].map((what) => `int8_${what}`),
    'agreement',
  ]);
});
