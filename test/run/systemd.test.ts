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
        WATCHDOG_USEC: '800000',
      });
      let windows = 0;
      systemd.ready(
        () => alive,
        () => `${windows++} windows`,
      );
      await until(() => said().includes('READY=1') && said().includes('WATCHDOG=1'));
      expect(said()).toContain('READY=1\nSTATUS=0 windows\n');
      await until(() => said().includes('WATCHDOG=1\nSTATUS=1 windows\n'));
      alive = false;
      // Status goes on where life does not.
      await until(() => /BARRIER=1\nSTATUS=\d+ windows\n/.test(said()));
      systemd.stopping();
      await until(() => said().includes('STOPPING=1'));
      expect(said().split('\n')[0]).toBe('READY=1');
    } finally {
      listener.kill();
    }
  },
);
