import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { configSchema } from '../../agent/config/schema.ts';
import { Outbox } from '../../agent/publish/outbox.ts';
import { Publisher } from '../../agent/publish/publisher.ts';
import { AudioPipeline } from '../../agent/run/audio-pipeline.ts';
import { Progress, type Signs, signsOf } from '../../agent/run/progress.ts';
import { Systemd } from '../../agent/run/systemd.ts';
import { until } from '../publish/broker.ts';
import { ScriptedBroker } from '../publish/scripted-broker.ts';
import { hasSystemdNotify, startNotifyListener } from './notify-listener.ts';

const WATCHDOG_MS = 60_000;

let folder: string;
const path = process.env.PATH;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otolith-watchdog-'));
});
afterAll(async () => {
  process.env.PATH = path;
  await rm(folder, { recursive: true });
});

/** Looks as a watchdog does, a quarter of its time after the other, so often; whether it was fed each time. */
function looks(progress: Progress, clock: { ms: number }, times: number, between = () => {}) {
  return Array.from({ length: times }, () => {
    clock.ms += WATCHDOG_MS / 4;
    between();
    return progress.isAlive();
  });
}

it('is fed while audio events come, those of an absent microphone too, and not without', () => {
  const clock = { ms: 0 };
  let signs: Signs | undefined = { audioEvents: 0, waiting: 0, settled: 0, connected: true };
  const progress = new Progress(
    () => signs,
    WATCHDOG_MS,
    () => clock.ms,
  );
  const hear = () => {
    if (signs !== undefined) signs = { ...signs, audioEvents: signs.audioEvents + 1 };
  };
  expect(looks(progress, clock, 8, hear)).not.toContain(false);
  // Tried again every 30 s, for 5 s each time: an event at every third look.
  let n = 0;
  expect(looks(progress, clock, 12, () => n++ % 3 === 0 && hear())).not.toContain(false);
  expect(looks(progress, clock, 6).slice(-2)).toEqual([false, false]);
  hear();
  expect(looks(progress, clock, 1)).toEqual([true]);
  signs = undefined; // it stops
  expect(looks(progress, clock, 8)).not.toContain(false);
});

it('stops being fed when a recorder is halted, until the supervisor has another', async () => {
  // Noise in portions of 0.1 s, as arecord gives it.
  const program = join(folder, 'arecord');
  await writeFile(
    program,
    '#!/bin/sh\nwhile head -c 9600 /dev/urandom; do sleep 0.1; done 2>/dev/null\n',
  );
  await chmod(program, 0o755);
  process.env.PATH = `${folder}:${path}`;
  const pipeline = new AudioPipeline(
    { audio: configSchema.parse({}).audio, windowSamples: 20_000 },
    { now: Date.now, monotonic: () => performance.now() },
  );
  const outbox = { settled: 0, state: { waiting: 0, dropped: 0, lost: 0 } };
  const look = () => signsOf({ pipeline, outbox, publisher: { connected: false } });
  const progress = new Progress(look, 2000, () => performance.now());
  const stop = new AbortController();
  const listening = (async () => {
    for await (const _ of pipeline.events(stop.signal));
  })();
  await until(() => pipeline.eventCount > 3 && progress.isAlive());
  process.kill(childRunning(program), 'SIGSTOP');
  await until(() => !progress.isAlive());
  expect(pipeline.restarts).toBe(0); // the supervisor has not noticed yet
  await until(() => pipeline.restarts > 0 && progress.isAlive());
  stop.abort();
  await listening;
});

it('stops being fed while a connected broker takes nothing from the outbox, but not while none is there', async () => {
  const broker = await new ScriptedBroker({
    publish: ({ retain }) => (retain ? 0 : 'silence'),
  }).start();
  const outbox = new Outbox({
    directory: join(folder, 'outbox'),
    limits: { detections: 10, telemetry: 10 },
  });
  await outbox.open();
  const publisher = new Publisher({
    ...{ root: 'otolith/attic', version: '0', outbox, inFlight: 4, now: Date.now },
    link: {
      url: broker.url,
      version: '5',
      clientId: 'watchdog',
      keepAliveMs: 60_000,
      verify: true,
    },
    onCommand: () => {},
    onLink: () => {},
  });
  const clock = { ms: 0 };
  let eventCount = 0;
  const look = () => signsOf({ pipeline: { eventCount: eventCount++ }, outbox, publisher });
  const progress = new Progress(look, WATCHDOG_MS, () => clock.ms);
  await outbox.put('detections', 'otolith/attic/detection', '{}');
  expect(looks(progress, clock, 8)).not.toContain(false);
  publisher.start();
  await until(() => publisher.connected);
  expect(looks(progress, clock, 8).slice(-3)).toEqual([false, false, false]);
  const entry = await outbox.next('detections', 0);
  if (entry !== undefined) outbox.done(entry);
  expect(looks(progress, clock, 8)).not.toContain(false);
  await publisher.stop(0);
  await outbox.close();
  await broker.stop();
});

it.skipIf(!hasSystemdNotify)(
  'stops being fed while the event loop is blocked (needs systemd-notify)',
  async () => {
    const [socket, heard] = [join(folder, 'notify'), join(folder, 'heard')];
    const listener = startNotifyListener(socket, heard);
    try {
      await until(() => existsSync(socket));
      const systemd = new Systemd({
        ...process.env,
        NOTIFY_SOCKET: socket,
        WATCHDOG_USEC: '400000',
      });
      systemd.ready(
        () => true,
        () => 'well',
      );
      const fed = () => readFileSync(heard, 'utf8').split('WATCHDOG=1').length - 1;
      await until(() => existsSync(heard) && fed() > 1);
      await new Promise(setImmediate);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500); // what was sent has arrived
      const before = fed();
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
      expect(fed()).toBe(before);
      await until(() => fed() > before + 1);
      systemd.stopping();
      await until(async () => (await readFile(heard, 'utf8')).includes('STOPPING=1'));
    } finally {
      listener.kill();
    }
  },
);

/** The process of our own that runs a program. */
function childRunning(program: string): number {
  const threads = readdirSync('/proc/self/task').map((task) => `/proc/self/task/${task}/children`);
  const children = threads.flatMap((file) => readFileSync(file, 'utf8').split(' ').filter(Boolean));
  const child = children.find((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(program),
  );
  if (child === undefined) throw new Error(`no child runs ${program}`);
  return Number(child);
}
