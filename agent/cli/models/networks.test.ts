import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../main.ts';

const CHANNELS = '2,3,4,5,6,7,8,9,10,11,12';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otolith-cli-'));
});
afterAll(() => rm(folder, { recursive: true }));

const printed: string[] = [];
const complaints: string[] = [];
beforeEach(() => {
  printed.length = 0;
  complaints.length = 0;
  vi.spyOn(console, 'log').mockImplementation((text: string) => void printed.push(text));
  vi.spyOn(console, 'error').mockImplementation((text: string) => void complaints.push(text));
});
afterEach(() => vi.restoreAllMocks());

const at = (name: string): string => join(folder, name);
const small = (name: string, ...more: readonly string[]): Promise<number> =>
  main(['net', 'new', 'micro-acdnet', '--channels', CHANNELS, '-o', at(name), ...more]);

/** The one line of a command that fails. */
async function failure(...argv: readonly string[]): Promise<string> {
  expect(await main(argv)).toBe(1);
  expect(complaints).toHaveLength(1);
  return complaints[0] ?? '';
}

describe('otolith net new', () => {
  it('writes the same file for the same seed, and says that its weights are random', async () => {
    expect(await small('a', '--random', '7')).toBe(0);
    expect(await small('b', '--random', '7')).toBe(0);
    expect(await small('c', '--random', '8')).toBe(0);
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((name) => readFile(at(name))));
    expect(a?.equals(b ?? Buffer.of())).toBe(true);
    expect(a?.equals(c ?? Buffer.of())).toBe(false);
    expect(a?.toString('latin1')).toContain('\\"weights\\":\\"random\\"');
  });

  it('refuses a network it does not know, and a list of the wrong length', async () => {
    expect(await failure('net', 'new', 'resnet', '-o', at('x'))).toMatch(
      /no network "resnet"; known here: acdnet, micro-acdnet/,
    );
    complaints.length = 0;
    expect(await failure('net', 'new', 'acdnet', '--channels', '1,2', '-o', at('x'))).toMatch(
      /eleven channel counts/,
    );
  });
});

describe('otolith compile', () => {
  it('refuses in one line what cannot be compiled', async () => {
    await small('m');
    expect(await failure('compile', at('m'))).toMatch(
      /one target is needed; give --wasm, .*--board/,
    );
    complaints.length = 0;
    expect(await failure('compile', at('m'), '--board', 'esp32')).toMatch(/no board "esp32"/);
    complaints.length = 0;
    expect(await failure('compile', at('nothing'), '--wasm')).toMatch(/cannot read the model/);
    complaints.length = 0;
    await writeFile(at('broken'), (await readFile(at('m'))).subarray(0, 5000));
    expect(await failure('compile', at('broken'), '--wasm')).toMatch(/ends within its header/);
    complaints.length = 0;
    const wide = '8,999,64,64,64,64,64,64,64,64,64';
    await main(['net', 'new', 'acdnet', '--channels', wide, '-o', at('wide')]);
    expect(await failure('compile', at('wide'), '--board', 'cortex-m4')).toMatch(
      /needs an arena of \d+ bytes, but cortex-m4 has \d+ bytes of RAM/,
    );
  });
});
