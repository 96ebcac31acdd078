import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { useConsole } from '../../../test/fakes/console.ts';
import { useSmallNetworks } from '../../../test/fakes/small-networks.ts';
import { main } from '../main.ts';

const { complaints } = useConsole();
const { at, small } = useSmallNetworks();

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
