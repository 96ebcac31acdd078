import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { subscribe, until } from '../publish/broker.ts';
import { configure, end, otolith, ROOT, type Running, testNetworks } from './program.ts';

// One run of the whole loop with an emulated board, which is killed at bad moments.

interface Verdict {
  readonly id: string;
  readonly boot: number;
  readonly sequence: number;
  readonly network: string;
  readonly sameAsGateway?: boolean;
}

const NAME = 'emulated-cortex-m4';
let run: Running;
let seen: Awaited<ReturnType<typeof subscribe>>['seen'];
let command: (name: string, payload: unknown) => Promise<unknown>;
const cleanups: (() => unknown)[] = [];

/** The emulator among the processes below a process. */
function emulatorOf(pid: number | undefined): number | undefined {
  const parents = new Map<number, number>();
  const emulators: number[] = [];
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 4).split(' ')[0]));
      if (stat.includes('(qemu-system')) emulators.push(Number(name));
    } catch {
      // it ended meanwhile
    }
  }
  const isBelow = (child: number): boolean => {
    const parent = parents.get(child);
    return parent !== undefined && (parent === pid || (parent > 1 && isBelow(parent)));
  };
  return emulators.find(isBelow);
}

function killEmulator(): void {
  const pid = emulatorOf(run.child.pid);
  if (pid === undefined) throw new Error('no emulator runs');
  process.kill(pid, 'SIGKILL');
}

const on = (topic: string) =>
  seen
    .filter((s) => s.topic === `${ROOT}/board/${NAME}/${topic}`)
    .map((s) => JSON.parse(s.payload));
const verdicts = (): readonly Verdict[] => on('classification');

/** Lines that the run printed from now on. */
function linesFromNow(): () => string {
  const from = run.lines.length;
  return () => run.lines.slice(from).join('\n');
}

beforeAll(async () => {
  const { file, url } = await configure({
    networks: testNetworks(),
    boards: [{ id: 'emulated:cortex-m4', network: 'int8' }],
  });
  run = otolith('run', '--config', file);
  cleanups.push(() => end(run));
  await until(() => run.lines.some((line) => line.includes('connected with MQTT 5')), 60_000);
  const subscriber = await subscribe(url, `${ROOT}/board/#`);
  cleanups.push(() => subscriber.client.endAsync(true));
  seen = subscriber.seen;
  command = (name, payload) =>
    subscriber.client.publishAsync(`${ROOT}/command/${name}`, JSON.stringify(payload), { qos: 1 });
});

afterAll(async () => {
  console.log(
    run.lines
      .filter((line) => line.includes(NAME))
      .slice(-200)
      .join('\n'),
  );
  for (const cleanup of cleanups.reverse()) await cleanup();
});

it('brings the configured network to a fresh board, whose integers are the gateway’s', async () => {
  await until(() => verdicts().length >= 3, 240_000);
  expect(verdicts().map((v) => v.sameAsGateway)).not.toContain(false);
  expect(verdicts().filter((v) => v.sameAsGateway).length).toBeGreaterThanOrEqual(3);
  const firmware = on('firmware');
  expect(firmware[0].installed_version).not.toBe(firmware.at(-1).installed_version);
  expect(firmware.at(-1).installed_version).toBe(firmware.at(-1).latest_version);
  expect(firmware.some((f) => f.in_progress && f.update_percentage > 0)).toBe(true);
  expect(on('latency').at(-1)).toMatchObject({ unit: 'instructions' });
  expect(on('energy').at(-1).energy.source).toMatch(/^(estimated|none)$/);
}, 300_000);

it('goes on after the board was killed mid-inference, losing and repeating nothing it has published', async () => {
  for (let kill = 0; kill < 3; kill++) {
    const before = verdicts().length;
    killEmulator();
    await until(() => verdicts().length >= before + 2, 120_000);
  }
  const places = verdicts().map((v) => [v.boot, v.sequence] as const);
  for (const [i, [boot, sequence]] of places.entries()) {
    const [previousBoot, previous] = places[i - 1] ?? [-1, 0];
    if (boot === previousBoot) expect(sequence).toBeGreaterThan(previous);
  }
  expect(new Set(verdicts().map((v) => v.id)).size).toBe(verdicts().length);
  expect(verdicts().map((v) => v.sameAsGateway)).not.toContain(false);
}, 400_000);

it('switches the network by command, also when the board is killed mid-push', async () => {
  const said = linesFromNow();
  await command('network', { board: NAME, network: 'xnor' });
  await until(() => on('firmware').at(-1)?.in_progress === true, 120_000);
  killEmulator();
  await until(
    () => verdicts().at(-1)?.network === 'xnor' || said().includes('not tried again'),
    240_000,
  );
  if (verdicts().at(-1)?.network !== 'xnor') {
    await command('push', { board: NAME });
    await until(() => verdicts().at(-1)?.network === 'xnor', 240_000);
  }
  await until(() => verdicts().filter((v) => v.network === 'xnor').length >= 2, 120_000);
  expect(verdicts().map((v) => v.sameAsGateway)).not.toContain(false);
}, 600_000);

it('lets the board go within 5 s of SIGTERM', async () => {
  const emulator = emulatorOf(run.child.pid);
  const asked = performance.now();
  run.child.kill('SIGTERM');
  expect(await run.ended).toBe(0);
  expect(performance.now() - asked).toBeLessThan(5000);
  expect(emulator).toBeDefined();
  expect(() => process.kill(emulator ?? 0, 0)).toThrow();
  console.log(`emulated board: ${verdicts().length} windows, all with the integers of the gateway`);
}, 30_000);
