import type { CaptureOptions } from './capture.ts';
import { type CaptureDevice, devicesHint } from './devices.ts';

export type ListDevices = () => Promise<readonly CaptureDevice[] | undefined>;

/**
 * Which device to record from: the configured one and no other; where none is configured, the recorder's default and,
 * when that delivers nothing, each device that ALSA lists.
 */
export class DeviceChoice {
  readonly #configured: string | undefined;
  readonly #list: ListDevices;
  #fallback: CaptureDevice | undefined;
  #failure: string | undefined;

  constructor(
    { device, recorder }: Pick<CaptureOptions, 'device' | 'recorder'>,
    list: ListDevices,
  ) {
    this.#configured = device;
    this.#list = recorder === 'arecord' ? list : async () => undefined;
  }

  /** As the recorder takes it; undefined: its default. */
  get device(): string | undefined {
    return this.#configured ?? this.#fallback?.device;
  }

  /** That another device than the default is used, and why. */
  get note(): string | undefined {
    if (this.#fallback === undefined) return undefined;
    const { device, name } = this.#fallback;
    return `the default device fails (${this.#failure}), so ${device} (${name}) is used: set audio.device to it`;
  }

  /** The device delivered nothing: takes the next one, and says what there is to do. */
  async failed(reason: string): Promise<string> {
    const devices = await this.#list();
    if (devices === undefined) return reason;
    if (this.#configured !== undefined) return `${reason}; ${devicesHint(devices)}`;
    if (this.#fallback === undefined) this.#failure = reason;
    const tried = devices.findIndex(({ device }) => device === this.#fallback?.device);
    this.#fallback = devices[tried + 1];
    if (this.#fallback !== undefined) return `${reason}; trying ${this.#fallback.device} next`;
    return devices.length === 0 ? `${reason}; ${devicesHint(devices)}` : reason;
  }
}
