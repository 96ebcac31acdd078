import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { subscribe, until } from '../publish/broker.ts';
import { OTOLITH } from './command.ts';

it('what `npm start` runs: the zoo’s networks on clips, an emulated board with the gateway’s integers', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'otolith-demo-'));
  const child = spawn(process.execPath, [...OTOLITH, 'run', '--demo'], {
    cwd: directory,
    env: { ...process.env, XDG_STATE_HOME: directory, STATE_DIRECTORY: undefined },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes: Buffer) => {
      said += bytes.toString();
    });
  }
  try {
    await until(() => said.includes('connected with MQTT 5') || child.exitCode !== null);
    const [, root, port] = /otolith listen (\S+) --port (\d+)/.exec(said) ?? [];
    expect(root, said).toMatch(new RegExp(`^otolith/.*${hostname().slice(0, 3).toLowerCase()}`));
    const { client, seen } = await subscribe(`mqtt://127.0.0.1:${port}`, `${root}/#`);
    const on = (topic: string) =>
      seen.filter((s) => s.topic === `${root}/${topic}`).map((s) => JSON.parse(s.payload));
    const verdicts = () => on('board/emulated-cortex-m4/classification');
    await until(() => verdicts().length >= 10, 400_000);
    await until(() => (on('accuracy').at(-1)?.windows.qmicro?.of ?? 0) >= 40, 200_000);
    await client.endAsync(true);

    expect(verdicts().every((v) => v.sameAsGateway)).toBe(true);
    expect(verdicts()[0].model).toBe('qmicro-acdnet-esc10');
    const { windows, note } = on('accuracy').at(-1);
    expect(note).toMatch(/trained on these clips/);
    // All were trained on these clips: far from the tenth that chance gives, or something between is broken.
    for (const { correct, of } of [windows.qmicro, windows.mel, windows.xnor]) {
      expect(correct / of).toBeGreaterThan(0.6);
    }
    const ticks = on('board/emulated-cortex-m4/latency').at(-1);
    console.log(
      `demo: ${JSON.stringify(windows)}; ${verdicts().length} windows on the board, ${ticks.median} ${ticks.unit} each`,
    );
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}, 900_000);
