import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Sensors of supply power that Linux knows: INA219, INA226, INA260 and the like. */
const SENSORS = /^ina\d+/;

/**
 * Finds the supply power sensor of this machine in hwmon (`power1_input`, in microwatts).
 * Gives a function that reads it in watts; undefined where there is none. The figure is of the whole machine.
 */
export function findPowerSensor(root = '/sys/class/hwmon'): (() => number | undefined) | undefined {
  if (!existsSync(root)) return undefined;
  for (const name of readdirSync(root)) {
    const at = (file: string) => join(root, name, file);
    if (!existsSync(at('name')) || !existsSync(at('power1_input'))) continue;
    if (!SENSORS.test(readFileSync(at('name'), 'utf8'))) continue;
    return () => readWatts(at('power1_input'));
  }
  return undefined;
}

function readWatts(file: string): number | undefined {
  try {
    const microwatts = Number(readFileSync(file, 'utf8'));
    return Number.isFinite(microwatts) ? microwatts / 1e6 : undefined;
  } catch {
    return undefined; // the sensor is gone or busy: no figure rather than a wrong one
  }
}
