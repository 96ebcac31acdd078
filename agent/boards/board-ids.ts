import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Ids of the boards in firmware/boards, sorted. `root` is the folder of package.json. */
export function boardIds(root: string): readonly string[] {
  return readdirSync(join(root, 'firmware/boards'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name === 'board.json')
    .map((entry) => entry.parentPath.split('/').at(-1) ?? '')
    .sort();
}
