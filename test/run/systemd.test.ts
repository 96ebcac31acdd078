import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Systemd } from '../../agent/run/systemd.ts';
import { until } from '../publish/broker.ts';

const LISTENER = `
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
while True:
    data, fds, _, _ = socket.recv_fds(s, 4096, 1)
    for fd in fds: os.close(fd)
    print(data.decode(), flush=True)
`;

it('tells a real listener that it is ready, alive while it is, and stopping', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'otolith-notify-')), 'socket');
  const listener = spawn('python3', ['-c', LISTENER, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  listener.stdout.on('data', (bytes: Buffer) => {
    said += bytes.toString();
  });
  try {
    await until(() => existsSync(path));
    let alive = true;
    const systemd = new Systemd({ ...process.env, NOTIFY_SOCKET: path, WATCHDOG_USEC: '200000' });
    systemd.ready(() => alive);
    await until(() => said.includes('READY=1') && said.includes('WATCHDOG=1'));
    alive = false;
    systemd.stopping();
    await until(() => said.includes('STOPPING=1'));
    expect(said.split('\n')[0]).toBe('READY=1');
  } finally {
    listener.kill();
  }
});
