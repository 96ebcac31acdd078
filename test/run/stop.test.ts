import { afterEach, expect, it } from 'vitest';
import { until } from '../publish/broker.ts';
import { ScriptedBroker } from '../publish/scripted-broker.ts';
import { configure, end, otolith, testNetworks } from './program.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

it.each(['silence', 'hang up'] as const)(
  'SIGTERM ends a run whose broker answers publications with %s, cleaned up',
  async (manner) => {
    const broker = await new ScriptedBroker({ publish: () => manner }).start();
    cleanups.push(() => broker.stop());
    const { file } = await configure({ networks: testNetworks(), mqtt: { url: broker.url } });
    const running = otolith('run', '--config', file);
    cleanups.push(() => end(running));
    await until(() => broker.received.some(({ cmd }) => cmd === 'publish'));
    await until(() => running.lines.some((line) => /int8 .*xnor/.test(line)));
    running.child.kill('SIGTERM');
    expect(await running.ended).toBe(0);
    expect(running.lines.at(-1)).toMatch(/stopped after \d+ windows/);
    expect(running.lines.join('\n')).not.toMatch(/stopping: /);
  },
);
