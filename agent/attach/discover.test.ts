import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findPorts, locate } from './discover.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otolith-ports-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A tty as sysfs shows it: class/tty/NAME/device -> the USB interface, whose parent is the USB device. */
async function plug(name: string, facts: Readonly<Record<string, string>>): Promise<void> {
  const device = join(folder, 'devices', name);
  const tty = join(folder, 'tty', name);
  await mkdir(join(device, 'interface'), { recursive: true });
  await mkdir(tty, { recursive: true });
  await symlink(join(device, 'interface'), join(tty, 'device'));
  await Promise.all(
    Object.entries(facts).map(([file, text]) => writeFile(join(device, file), `${text}\n`)),
  );
}

test('ports are known by their serial number, whatever number the kernel gave them', async () => {
  await plug('ttyACM7', {
    idVendor: '2fe3',
    serial: '00A1',
    manufacturer: 'ZEPHYR',
    product: 'DK',
  });
  await plug('ttyUSB0', { idVendor: '10c4' });
  await plug('ttyS0', {});
  const ports = await findPorts(folder, { byId: join(folder, 'none'), tty: join(folder, 'tty') });
  expect(ports).toEqual([
    { id: 'serial:00A1', path: '/dev/ttyACM7', serialNumber: '00A1', what: 'ZEPHYR DK' },
    { id: '/dev/ttyUSB0', path: '/dev/ttyUSB0', serialNumber: undefined, what: 'USB serial port' },
  ]);
});

test('a port named by its path is known by its serial number too', async () => {
  const paths = { byId: join(folder, 'none'), tty: join(folder, 'tty') };
  const at = await locate('/dev/ttyACM7', folder, paths);
  expect(at).toMatchObject({ path: '/dev/ttyACM7', serialNumber: '00A1' });
});

test('a board that is not there is named, with what is', async () => {
  await expect(locate('serial:NOPE', folder)).rejects.toMatchObject({ code: 'board-absent' });
  expect(await locate('/dev/ttyACM0', folder)).toMatchObject({ path: '/dev/ttyACM0' });
});
