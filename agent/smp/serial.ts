import { SerialPort } from 'serialport';
import { reasonOf, UserError } from '../base/errors.ts';
import { lockPort } from './lock.ts';
import type { OpenPort, Port } from './port.ts';

export const DEFAULT_BAUD = 115_200;

/** Opens a serial port (or pty) for this process alone. The path may be a link such as /dev/serial/by-id/... */
export function serialPort(path: string, baudRate = DEFAULT_BAUD): OpenPort {
  return async (signal) => {
    signal.throwIfAborted();
    const release = await lockPort(path);
    try {
      return await open(path, baudRate, release);
    } catch (cause) {
      await release();
      throw openError(path, cause);
    }
  };
}

function open(path: string, baudRate: number, release: () => Promise<void>): Promise<Port> {
  return new Promise((resolve, reject) => {
    const serial = new SerialPort({ path, baudRate, autoOpen: false, hupcl: false });
    let lost: ((why: string) => void) | undefined;
    let closing = false;
    serial.on('close', (error: Error | null) => {
      void release();
      if (!closing) lost?.(error?.message ?? 'the port went away');
    });
    // Read errors are followed by a close; without a listener they would end the process.
    serial.on('error', () => {});
    const port: Port = {
      name: path,
      write: (bytes) => write(serial, bytes),
      onData: (receive) => void serial.on('data', receive),
      onLost: (callback) => {
        lost = callback;
      },
      close: () => {
        closing = true;
        return close(serial);
      },
    };
    serial.open((error) => (error ? reject(error) : resolve(port)));
  });
}

function write(serial: SerialPort, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    // A write queued on a closed port would reach the board after its next boot: refuse it instead.
    if (!serial.isOpen) {
      reject(new Error('the port is closed'));
      return;
    }
    serial.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

function close(serial: SerialPort): Promise<void> {
  return new Promise((resolve) => {
    if (serial.isOpen) serial.close(() => resolve());
    else resolve();
  });
}

function openError(path: string, cause: unknown): UserError {
  if (cause instanceof UserError) return cause;
  const reason = reasonOf(cause);
  // The binding names the path once more behind its own words.
  const words = reason.replace(/^Error: /, '').replace(/, cannot open .*$/i, '');
  const message = `cannot open ${path}: ${words}`;
  if (/permission/i.test(reason)) {
    const hint =
      'add your user to the group dialout: sudo usermod -aG dialout $USER, then log in again';
    return new UserError('port-denied', message, { hint, cause });
  }
  if (/cannot lock/i.test(reason)) {
    const hint = 'another program holds it (a terminal? ModemManager?): close it';
    return new UserError('port-busy', message, { hint, cause });
  }
  return new UserError('port-gone', message, {
    hint: 'is the board plugged in? otolith boards lists what is there',
    cause,
  });
}
