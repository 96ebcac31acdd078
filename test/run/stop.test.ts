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
    await until(() => running.lines.some((line) => /int8 .* % .*xnor/.test(line)));
    running.child.kill('SIGTERM');
    expect(await running.ended).toBe(0);
    const said = running.lines.map((line) => line.slice(9));
    const summary = said.slice(said.findIndex((line) => /^stopped after \d+ windows:$/.test(line)));
    expect(summary[1]).toMatch(/^ {2}agreement +int8 and xnor: \d+ of \d+ windows \(\d+ %\)$/);
    expect(summary[2]).toMatch(/^ {2}detected /);
    expect(summary[3]).toMatch(/^ {2}int8 +\d+\.\d ms a window/);
    expect(summary[4]).toMatch(/^ {2}xnor +\d+\.\d ms a window/);
    // Nothing was acknowledged, so all of it waits.
    expect(summary[5]).toMatch(/^ {2}messages +0 sent, [1-9]\d* waiting, 0 dropped, 0 refused$/);
    expect(summary).toHaveLength(6);
    expect(said.some((line) => /^networks: preparing int8, xnor/.test(line))).toBe(true);
    expect(said.some((line) => /^networks: .* ready in \d+\.\d s$/.test(line))).toBe(true);
    expect(running.lines.join('\n')).not.toMatch(/stopping: /);
  },
);
