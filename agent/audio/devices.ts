import { execFile } from 'node:child_process';

/** A capture device of ALSA. */
export interface CaptureDevice {
  /** As arecord takes it, by the card's lasting id. */
  readonly device: string;
  /** What its driver calls it. */
  readonly name: string;
}

const LIST_TIMEOUT_MS = 15_000;

/** The devices in the output of `arecord -l`. */
export function parseDevices(listing: string): readonly CaptureDevice[] {
  const lines = listing.matchAll(/^card \d+: (\w+) \[(.*?)\], device (\d+): .*$/gm);
  return [...lines].map(([, card = '', name = '', device = '0']) => ({
    device: `plughw:CARD=${card},DEV=${device}`,
    name: name.trim(),
  }));
}

/** The capture devices that ALSA knows now; undefined where there is no arecord to ask. */
export function listCaptureDevices(): Promise<readonly CaptureDevice[] | undefined> {
  return new Promise((resolve) => {
    const options = { timeout: LIST_TIMEOUT_MS, env: { ...process.env, LC_ALL: 'C' } };
    execFile('arecord', ['-l'], options, (error, stdout) => {
      resolve(error?.code === 'ENOENT' ? undefined : parseDevices(stdout));
    });
  });
}

/** What an error says of the devices that are there. */
export function devicesHint(devices: readonly CaptureDevice[]): string {
  if (devices.length === 0) return 'no capture device is here: plug a microphone in';
  const names = devices.map(({ device, name }) => `${device} (${name})`);
  return `set audio.device to one that is here: ${names.join(', ')}`;
}
