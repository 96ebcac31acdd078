import { readdir, readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { printable } from '../../protocol/printable.ts';
import { UserError } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import { packageRoot } from '../base/root.ts';
import { readBoardFile } from '../boards/board-file.ts';
import { boardIds } from '../boards/board-ids.ts';
import { readSerial } from '../emulator/flash-file.ts';
import { type RunningEmulator, runningEmulators } from '../emulator/registry.ts';

/** A port something may answer at, under the name that stays the same across plugging and reboots. */
export interface FoundPort {
  /** serial:NUMBER, /dev/serial/by-id/NAME, or as parseEmulated reads it. */
  readonly id: string;
  readonly path: string;
  readonly serialNumber: string | undefined;
  readonly what: string;
}

/** Where the system lists its devices; tests give folders of their own. */
export interface DevicePaths {
  readonly byId: string;
  readonly tty: string;
}

const LINUX: DevicePaths = { byId: '/dev/serial/by-id', tty: '/sys/class/tty' };

/** A USB port lies at most this many folders above its tty: interface, device, hub. */
const LEVELS_TO_USB_DEVICE = 4;

/** Serial ports on USB and emulated boards that run. Read from sysfs, so that no udev is needed. */
export async function findPorts(
  stateDir: string,
  paths: DevicePaths = LINUX,
): Promise<readonly FoundPort[]> {
  const links = await linksOf(paths.byId);
  const names = await readdir(paths.tty).catch(() => []);
  const found = await Promise.all(names.sort().map((name) => usbPort(name, paths.tty, links)));
  const serial = found.filter((port) => port !== undefined);
  const emulators = await runningEmulators(stateDir);
  return [...serial, ...(await Promise.all(emulators.map(emulatedPort)))];
}

/** The port of a tty that is a USB device; those soldered to the machine (ttyS0) have no identity to name them by. */
async function usbPort(
  name: string,
  tty: string,
  links: ReadonlyMap<string, string>,
): Promise<FoundPort | undefined> {
  const path = `/dev/${name}`;
  let folder = await realpath(join(tty, name, 'device')).catch(() => undefined);
  for (let level = 0; folder !== undefined && level < LEVELS_TO_USB_DEVICE; level++) {
    const read = (file: string): Promise<string | undefined> => firstLine(join(folder ?? '', file));
    const [vendor, serialNumber] = await Promise.all([read('idVendor'), read('serial')]);
    if (vendor !== undefined) {
      const id = links.get(path) ?? (serialNumber === undefined ? path : `serial:${serialNumber}`);
      const what = [await read('manufacturer'), await read('product')].filter(Boolean).join(' ');
      return { id, path, serialNumber, what: what === '' ? 'USB serial port' : what };
    }
    folder = dirname(folder);
  }
  return undefined;
}

async function firstLine(path: string): Promise<string | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const line = text.split('\n')[0]?.trim() ?? '';
  return line === '' ? undefined : printable(line);
}

async function emulatedPort(emulator: RunningEmulator): Promise<FoundPort> {
  const { id, port, board, flash, pid } = emulator;
  const known = boardIds(packageRoot).includes(board);
  return {
    id,
    path: port,
    serialNumber: known ? await readSerial(readBoardFile(packageRoot, board), flash) : undefined,
    what: `emulator, process ${pid}, flash ${flash}`,
  };
}

/** Device path -> its link in by-id. */
async function linksOf(byId: string): Promise<ReadonlyMap<string, string>> {
  const names = await readdir(byId).catch(() => []);
  const pairs = await Promise.all(
    names.map(async (name): Promise<[string, string]> => {
      const link = join(byId, name);
      return [await realpath(link).catch(() => link), link];
    }),
  );
  return new Map(pairs);
}

/** Where a board is now, and which it is, where its USB port says so. */
export type Location = Pick<FoundPort, 'path' | 'serialNumber'>;

/** Where a board with this id is: looked up at every opening, since the device's number may have changed. */
export async function locate(
  id: string,
  stateDir: string,
  paths: DevicePaths = LINUX,
): Promise<Location> {
  const ports = await findPorts(stateDir, paths);
  if (id.startsWith('/')) {
    const path = await realpath(id).catch(() => id);
    return ports.find((port) => port.path === path) ?? { path: id, serialNumber: undefined };
  }
  const number = id.startsWith('serial:') ? id.slice('serial:'.length) : id;
  const found = ports.find((port) => port.id === id || port.serialNumber === number);
  if (found !== undefined) return found;
  const emulated = boardIds(packageRoot).map((kind) => `emulated:${kind}`);
  const known = [...ports.map((port) => port.id), ...emulated];
  const near = emulated.find((each) => each === `emulated:${id}`) ?? nearest(id, known);
  if (near !== undefined) {
    throw new UserError('board-absent', `there is no board ${id}`, {
      hint: `did you mean ${near}?`,
    });
  }
  const there = ports.map((port) => port.id).join(', ');
  throw new UserError('board-absent', `there is no board ${id}`, {
    hint: there === '' ? 'no board is plugged in' : `there are: ${there}`,
  });
}
