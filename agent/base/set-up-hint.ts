import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './root.ts';
import { TOOL_PACKAGES, type Tool } from './tools.ts';

/** Where this program comes from: a clone has deploy/setup, Debian's package is without it and brings what it makes. */
export type Origin = 'clone' | 'package';

export function originOf(root: string): Origin {
  return existsSync(join(root, 'deploy', 'setup')) ? 'clone' : 'package';
}

export const origin: Origin = originOf(packageRoot);

/** What brings a program that is missing; deploy/setup brings them all. */
export function toolHint(tool: Tool, from: Origin = origin): string {
  // Debian's compiler only recommends the C library that firmware wants.
  const library = tool === 'arm-none-eabi-gcc' ? ' libnewlib-arm-none-eabi' : '';
  return from === 'clone'
    ? `run deploy/setup, or apt-get install ${TOOL_PACKAGES[tool]}`
    : `run  sudo apt-get install ${TOOL_PACKAGES[tool]}${library}`;
}

/** What brings files that are part of otolith, or fetched for it. */
export function filesHint(from: Origin = origin): string {
  return from === 'clone' ? 'run deploy/setup' : "install otolith's package again";
}

/** What brings the library that networks are trained with, which the package is without. */
export function trainingHint(from: Origin = origin): string {
  return from === 'clone'
    ? 'run deploy/setup --lab'
    : "train in a clone of otolith's repository, after deploy/setup --lab there";
}
