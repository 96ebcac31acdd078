import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../base/root.ts';

/** Networks that come with otolith. */
export const zoo = join(packageRoot, 'agent', 'zoo');

/** The file of a configured network: a path as it is, a bare name from the zoo. */
export function modelPath(name: string): string {
  const inZoo = join(zoo, `${name}.safetensors`);
  return name.includes('/') || existsSync(name) || !existsSync(inZoo) ? name : inZoo;
}

/** Deployed models of the zoo, by name. */
export function zooNames(): readonly string[] {
  const names = readdirSync(zoo).flatMap((file) => /^(.+)\.safetensors$/.exec(file)?.[1] ?? []);
  return names.filter((name) => !name.endsWith('-float')).sort();
}
