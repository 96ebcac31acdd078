import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../publish/broker.ts';
import { startGateway } from './gateway.ts';
import { writeTestModel } from './models.ts';
import { testNetworks } from './program.ts';

// One gateway that gets another configuration again and again; each test goes on where the one before ended.

const [int8, xnor] = testNetworks();
const directory = mkdtempSync(join(tmpdir(), 'otolith-reload-'));
const detection = { threshold: 0, windows: 1, cooldown: '0s' };
let running: Awaited<ReturnType<typeof startGateway>>;
beforeAll(async () => {
  running = await startGateway({ networks: [int8, xnor], detection });
}, 120_000);
afterAll(() => running.stop());

/** Hears so many windows; gives what was published of them, by topic. */
async function hear(windows: number) {
  const { results } = running;
  const before = results.length;
  running.hear(windows);
  await until(() => results.length === before + windows);
  const ids = new Set(results.slice(before).map(({ id }) => id));
  const of = (topic: string) => running.on(topic).filter(({ window }) => ids.has(window));
  const names = results.at(-1)?.results.map(({ network }) => network.name) ?? [];
  for (const name of names) {
    await until(() => of(`classification/${name}`).length === windows);
  }
  await until(() => of('detection').length === windows);
  return { names, of };
}

const componentsOf = () => {
  const discovery = running.seen.findLast(({ topic }) => topic.endsWith('/otolith_attic/config'));
  return JSON.parse(discovery?.payload ?? '{}').components as Record<string, object>;
};

it('classifies, compares, detects and publishes every window it hears', async () => {
  const { names, of } = await hear(4);
  expect(names).toEqual(['int8', 'xnor']);
  await until(() => of('comparison').length === 4);
  const [comparison] = of('comparison');
  expect(comparison.pair).toEqual(['int8', 'xnor']);
  expect(Object.keys(comparison.verdicts)).toEqual(['int8', 'xnor']);
  expect(comparison.agree).toBe(comparison.verdicts.int8.class === comparison.verdicts.xnor.class);
  expect(of('classification/xnor')[0]).toMatchObject({ model: 'test-xnor', precision: 'xnor' });
  expect(of('detection')[0]).toMatchObject({ network: 'int8' });
  expect(componentsOf()).toHaveProperty('agreement_int8__xnor');
});

it('takes networks in and out, and another pair, without a restart', async () => {
  const third = { name: 'third', model: int8.model };
  await running.reload({
    networks: [xnor, third],
    compare: [['third', 'xnor']],
    detection: { ...detection, network: 'agree' },
  });
  expect(running.lines.at(-2)).toBe(
    'networks: xnor (test-xnor), third (test-int8); compared: third and xnor',
  );
  running.hear(3);
  await until(
    () => running.on('comparison').filter(({ pair }) => pair[0] === 'third').length === 3,
  );
  const agreed = running.results.slice(-3).filter(({ comparisons }) => comparisons[0]?.agree);
  await until(
    () =>
      running.on('detection').filter(({ network }) => network === 'agree').length >= agreed.length,
  );
  expect(running.on('firmware').at(-1).networks).toMatchObject({
    third: { model: 'test-int8', precision: 'int8' },
    xnor: { model: 'test-xnor', precision: 'xnor' },
  });
  const components = componentsOf();
  expect(components.int8_sound).toEqual({ platform: 'sensor' });
  expect(components.agreement_int8__xnor).toEqual({ platform: 'sensor' });
  expect(components.third_sound).toHaveProperty('unique_id', 'otolith_attic_third_sound');
  const summary = running.gateway.summary.map((line) => line.trim());
  expect(summary[0]).toMatch(/^agreement +third and xnor: \d of 3 windows/);
  expect(summary.some((line) => line.startsWith('int8 '))).toBe(false);
});

it('keeps everything as it was where a network cannot run', async () => {
  const untrained = writeTestModel(directory, { name: 'u', form: 'real', weights: 'random' });
  const bad = { networks: [{ name: 'new', model: untrained }], audio: { hop: '2s' }, boards: [] };
  await expect(running.reload(bad)).rejects.toThrow(/networks\[0\].model is .*weights are random/);
  running.hear(1);
  await until(() => running.on('classification/third').length === 4);
  expect(running.on('classification/new')).toEqual([]);
});

it('takes windows as long as the longest network asks for, and gives others their beginning', async () => {
  const model = writeTestModel(directory, { name: 'short', form: 'real', samples: 20_150 });
  await running.reload({ networks: [{ name: 'short', model }], detection });
  await hear(2);
  expect(running.results.at(-1)?.window.samples).toHaveLength(20_150);
  await running.reload({ networks: [{ name: 'short', model }, xnor], detection });
  const { of } = await hear(2);
  expect(running.results.at(-1)?.window.samples).toHaveLength(30_225);
  expect(running.results.at(-1)?.results[0]?.samples).toHaveLength(20_150);
  expect(of('comparison')).toEqual([]);
  expect(running.lines).toContain('networks: short, xnor (test-xnor); none are compared');
});

it('takes other weights under the same name for another network', async () => {
  const accuracy = () => running.gateway.summary.find((line) => line.startsWith('  xnor'));
  expect(accuracy()).not.toBe('');
  const other = writeTestModel(directory, {
    name: 'other',
    form: 'residual',
    labels: ['cat', 'cow'],
  });
  await running.reload({ networks: [{ name: 'xnor', model: other }], detection });
  const { of } = await hear(1);
  expect(of('classification/xnor')[0]).toMatchObject({ model: 'other' });
  expect(['cat', 'cow']).toContain(of('classification/xnor')[0].class);
});

it('runs ten networks, and one', async () => {
  const ten = Array.from({ length: 10 }, (_, i) => ({ name: `n-${i}`, model: int8.model }));
  await running.reload({ networks: ten, detection: { ...detection, network: 'n-7' } });
  const { names, of } = await hear(2);
  expect(names).toHaveLength(10);
  await until(() => of('comparison').length === 2);
  expect(of('comparison')[0]).toMatchObject({ pair: ['n-0', 'n-1'], agree: true });
  expect(of('detection')[0]).toMatchObject({ network: 'n-7' });
  await running.reload({ networks: ten.slice(3, 4), detection });
  expect((await hear(1)).names).toEqual(['n-3']);
  const alone = 'network: n-3 (test-int8; alone, so there is nothing to compare)';
  expect(running.lines).toContain(alone);
});

it('takes boards in and out, and what they should run', async () => {
  const boards = [
    { id: 'serial:otolith-none-1', name: 'one', network: 'best' },
    { id: 'serial:otolith-none-2', name: 'two', network: 'xnor' },
  ];
  const networks = [int8, xnor];
  await running.reload({ networks, detection, boards });
  const status = (board: string) => running.on(`board/${board}/status`).at(-1);
  await until(() => status('one') !== undefined && status('two') !== undefined);
  await running.reload({ networks, detection, boards: boards.slice(1) });
  await until(() => status('one')?.reason === 'it is no longer configured');
  expect(status('two').reason).not.toMatch(/no longer configured/);
  const ask = (payload: object) =>
    running.client.publishAsync('otolith/attic/command/network', JSON.stringify(payload));
  await ask({ board: 'two', network: 'n-3' });
  await ask({ board: 'one', network: 'int8' });
  await ask({ board: 'two', network: 'int8' });
  await until(() => running.on('reply').length === 3);
  expect(running.on('reply').map(({ ok, message }) => [ok, message])).toEqual([
    [false, 'there is no network n-3; give one of int8, xnor'],
    [false, 'there is no board one; configure it under boards'],
    [true, 'test-int8 will be pushed to two unless it runs there already'],
  ]);
});

it('says what a restart is needed for, and takes the rest', async () => {
  await running.reload({ networks: [int8], detection, gateway: { name: 'cellar' } });
  expect(running.lines).toContain('reload: gateway changed, which takes a restart');
  const { of } = await hear(1);
  expect(of('classification/int8')).toHaveLength(1);
});
