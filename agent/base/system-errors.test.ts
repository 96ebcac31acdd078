import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failureOf } from '../cli/failure.ts';
import { reasonOf, UserError } from './errors.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'otolith-system-'));
});
afterAll(() => rm(dir, { recursive: true }));

const failing = async (work: () => Promise<unknown>): Promise<unknown> =>
  work().then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a failed system call', () => {
  const line = async (work: () => Promise<unknown>): Promise<string> => {
    const { lines, exitCode } = failureOf(await failing(work));
    expect(exitCode).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toMatch(/E[A-Z]{3,}/);
    return lines[0] ?? '';
  };

  it('is one line with the place and how to fix it', async () => {
    const at = (name: string): string => join(dir, name);
    await writeFile(at('file'), '');
    await mkdir(at('full'));
    await writeFile(at('full/x'), '');
    expect(await line(() => readFile(at('gone')))).toMatch(/gone is not there; check the name/);
    expect(await line(() => readFile(dir))).toMatch(/it is a folder; name a file/);
    expect(await line(() => readFile(at('file/x')))).toMatch(/a part of .*file\/x is a file/);
    expect(await line(() => readFile('x'.repeat(300)))).toMatch(/too long/);
    expect(await line(() => mkdir(at('full')))).toMatch(/full is there already/);
    expect(await line(() => rename(at('gone'), at('new')))).toMatch(/gone \(to become .*new\)/);
    expect(await line(() => writeFile('/dev/full', 'x'))).toMatch(/no space left .*; make room/);
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const second = createServer().listen(port, '127.0.0.1');
    expect(await line(() => once(second, 'listening'))).toMatch(`127.0.0.1:${port} is in use`);
    server.close();
    expect(await line(() => once(spawn(at('nothing')), 'spawn'))).toMatch(
      /program .*nothing is not/,
    );
  });

  it('reads as words where a message wraps it', async () => {
    expect(reasonOf(await failing(() => readFile('/nowhere/x')))).toBe('/nowhere/x is not there');
  });
});

describe('every other failure', () => {
  it('is a bug that says so, with its stack', () => {
    const { lines, exitCode } = failureOf(new TypeError('x is not a function'));
    expect(exitCode).toBe(70);
    expect(lines[0]).toMatch(/this is a bug in otolith \(x is not a function\)/);
    expect(lines.slice(1).join('\n')).toMatch(/at .*system-errors\.test/);
    expect(failureOf('thrown text').exitCode).toBe(70);
  });

  it("is the user's where it was told so", () => {
    const reported = failureOf(new UserError('x', 'what', { hint: 'do' }));
    expect(reported).toMatchObject({ lines: ['otolith: what; do'], exitCode: 1 });
  });
});
