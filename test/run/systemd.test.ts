import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Systemd } from '../../agent/run/systemd.ts';
import { until } from '../publish/broker.ts';
import { hasSystemdNotify, startNotifyListener } from './notify-listener.ts';

it.skipIf(!hasSystemdNotify)(
  'tells a real listener that it is ready, alive while it is, and stopping (needs systemd-notify)',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'otolith-notify-'));
    const [socket, heard] = [join(folder, 'socket'), join(folder, 'heard')];
    const listener = startNotifyListener(socket, heard);
    const said = () => (existsSync(heard) ? readFileSync(heard, 'utf8') : '');
    try {
      await until(() => existsSync(socket));
      let alive = true;
      const systemd = new Systemd({
        ...process.env,
        NOTIFY_SOCKET: socket,
        WATCHDOG_USEC: '200000',
      });
      systemd.ready(() => alive);
      await until(() => said().includes('READY=1') && said().includes('WATCHDOG=1'));
      alive = false;
      systemd.stopping();
      await until(() => said().includes('STOPPING=1'));
      expect(said().split('\n')[0]).toBe('READY=1');
    } finally {
      listener.kill();
    }
  },
);
