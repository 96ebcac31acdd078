import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useConsole } from '../../../test/fakes/console.ts';
import { useSmallNetworks } from '../../../test/fakes/small-networks.ts';
import { packageRoot } from '../../base/root.ts';
import { main } from '../main.ts';

/** Compilers and emulators on a busy machine. */
const SLOW = 300_000;

const { printed } = useConsole();
const { at, small } = useSmallNetworks();

describe('otolith evaluate', () => {
  it(
    'takes a model by its name in the zoo',
    async () => {
      await mkdir(at('sounds/rain'), { recursive: true });
      for (const clip of ['1-17367-A-10.ogg', '2-101676-A-10.ogg']) {
        const from = join(packageRoot, 'agent/audio/clips', clip);
        await copyFile(from, at(join('sounds/rain', clip)));
      }
      const argv = ['evaluate', 'qmicro-acdnet-esc10', '--data', at('sounds'), '--json'];
      expect(await main(argv)).toBe(0);
      const report: unknown = JSON.parse(printed[0] ?? '');
      expect(report).toMatchObject({ model: 'qmicro-acdnet-esc10', clips: 2, correct: 2, seen: 2 });
    },
    SLOW,
  );
});

describe('otolith compile', () => {
  it(
    'shows every stage, and writes what was asked for',
    async () => {
      await small('m');
      const files = ['--source', at('m.c'), '-o', at('m.o')];
      expect(await main(['compile', at('m'), '--board', 'cortex-m4', ...files])).toBe(0);
      expect(printed.at(-1)).toMatch(/conv1\+conv2 +streaming +int8 3x151x1/);
      expect(printed.at(-1)).toMatch(/dense +dense +scores 1x1x10/);
      expect(await readFile(at('m.c'), 'utf8')).toContain('oto_conv_run(&conv3');
      expect((await readFile(at('m.o'))).subarray(0, 4).toString('latin1')).toBe('\x7fELF');
      expect(await main(['compile', at('m'), '--wasm', '-o', at('m.wasm')])).toBe(0);
      expect(WebAssembly.validate(new Uint8Array(await readFile(at('m.wasm'))))).toBe(true);
    },
    SLOW,
  );
});

describe('otolith bench', () => {
  it(
    'prints runs in the form that scripts rely on',
    async () => {
      await small('m');
      await small('x', '--xnor', 'paper');
      const argv = ['bench', at('m'), at('x'), '--board', 'cortex-m4'];
      expect(await main([...argv, '--json'])).toBe(0);
      const { runs } = JSON.parse(printed.at(-1) ?? '') as { runs: readonly object[] };
      expect(runs).toHaveLength(2);
      const count = expect.any(Number);
      for (const [i, kind] of ['int8', 'xnor'].entries()) {
        expect(runs[i]).toEqual({
          model: kind === 'int8' ? 'micro-acdnet' : 'micro-acdnet-xnor-paper',
          kind,
          board: 'cortex-m4',
          instructions: count,
          macs: count,
          flashBytes: count,
          ramBytes: count,
          layers: expect.arrayContaining([{ name: 'conv3', macs: count, instructions: count }]),
        });
      }
      expect(await main(argv)).toBe(0);
      expect(printed.at(-1)).toMatch(/cortex-m4 +micro-acdnet +micro-acdnet-xnor-paper/);
      expect(printed.at(-1)).toMatch(/instructions per MAC +\d+\.\d+ +\d+\.\d+/);
    },
    SLOW,
  );
});
