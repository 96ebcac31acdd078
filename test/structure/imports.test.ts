import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../agent/base/root.ts';
import { importsIn } from './imports.ts';

const imports = importsIn(['agent', 'protocol', 'test']);

/** A folder in agent/, or a folder of the root. */
function roomOf(file: string): string {
  const [top = '', room = '', ...rest] = file.split('/');
  return top === 'agent' && rest.length > 0 ? room : top;
}

/** Rooms that everyone may import. */
const FOR_ALL = ['base', 'protocol'];

const isTest = (file: string): boolean => file.startsWith('test/') || file.endsWith('.test.ts');

/** The table of ARCHITECTURE.md: what the sources of each room import. */
function allowedRooms(): ReadonlyMap<string, readonly string[]> {
  const text = readFileSync(join(packageRoot, 'ARCHITECTURE.md'), 'utf8');
  const [, section = ''] = text.split('## Who may import whom');
  const rows = section.split('\n## ')[0]?.matchAll(/^\| `(\w+)` \|[^|]*\| ([^|]*) \|$/gm) ?? [];
  return new Map([...rows].map(([, room = '', names = '']) => [room, names.match(/\w+/g) ?? []]));
}

describe('imports', () => {
  it('are found, on demand and of types alone too', () => {
    const found = imports.get('agent/cli/commands/push.ts') ?? [];
    expect(found).toContain('agent/cli/boards/push.ts');
    expect(imports.get('agent/push/absence.ts')).toContain('agent/base/clock.ts');
    expect(imports.size).toBeGreaterThan(500);
  });

  it('of tests are the tests’ alone', () => {
    const wrong = [...imports].flatMap(([file, names]) =>
      isTest(file) ? [] : names.filter(isTest).map((name) => `${file} imports ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it('go from room to room as ARCHITECTURE.md says, and it says no more', () => {
    const seen = new Map<string, Set<string>>();
    for (const [file, names] of imports) {
      const room = roomOf(file);
      if (isTest(file)) continue;
      const others = seen.get(room) ?? new Set();
      seen.set(room, others);
      for (const name of names) others.add(roomOf(name));
      for (const free of [room, ...FOR_ALL]) others.delete(free);
    }
    const sorted = (rooms: Iterable<readonly [string, Iterable<string>]>) =>
      Object.fromEntries([...rooms].map(([room, names]) => [room, [...names].sort()]));
    expect(sorted(seen)).toEqual(sorted(allowedRooms()));
  });

  it('go up in its table alone, so that no two rooms lean on one another', () => {
    const rows = [...allowedRooms()];
    const above = (index: number) => rows.slice(0, index).map(([room]) => room);
    const wrong = rows.flatMap(([room, names], index) =>
      names.filter((name) => !above(index).includes(name)).map((name) => `${room} takes ${name}`),
    );
    expect(wrong).toEqual([]);
  });
});
