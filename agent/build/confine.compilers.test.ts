import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../base/errors.ts';
import { packageRoot } from '../base/root.ts';
import { canConfine, runConfined } from './confine.ts';
import { runTool } from './toolchain.ts';

const able = await canConfine();
const OUTSIDE = [
  '/etc/hostname',
  '/etc/passwd',
  '/proc/self/environ',
  join(packageRoot, 'package.json'),
];

let folder: string;
let secret: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otolith-confined-'));
  secret = await mkdtemp(join(tmpdir(), 'otolith-secret-'));
  await writeFile(join(secret, 'key'), 'a private key');
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await rm(secret, { recursive: true });
});

const command = (tool: 'clang' | 'arm-none-eabi-gcc', name: string) => ({
  tool,
  args: [
    ...(tool === 'clang' ? ['--target=wasm32'] : ['-mcpu=cortex-m4', '-mthumb']),
    `-I${join(packageRoot, 'firmware/nn')}`,
    ...['-std=gnu11', '-ffreestanding', '-c', name, '-o', `${name}.o`],
  ],
});

async function compile(tool: 'clang' | 'arm-none-eabi-gcc', text: string): Promise<string> {
  await writeFile(join(folder, 'x.c'), text);
  const options = { task: 'compiling x', cwd: folder, read: [join(packageRoot, 'firmware')] };
  try {
    await runConfined(command(tool, 'x.c'), options);
    return 'compiled';
  } catch (error) {
    if (error instanceof UserError) return error.line;
    throw error;
  }
}

describe.skipIf(!able)(
  'a compiler of generated C (skipped where no name spaces are to be had)',
  () => {
    it.each(['clang', 'arm-none-eabi-gcc'] as const)('%s reads its inputs alone', async (tool) => {
      const headers = '#include "oto_model.h"\n#include <stdint.h>\n';
      // newlib's, which lie behind a link in /etc/alternatives; clang's for wasm come without.
      const library = tool === 'clang' ? '' : '#include <string.h>\n';
      expect(await compile(tool, `${headers}${library}int a;`)).toBe('compiled');
      for (const path of [...OUTSIDE, join(secret, 'key'), homedir()]) {
        const line = await compile(tool, `#include "${path}"\n`);
        expect(line, path).toMatch(/^compiling x: .* failed: .*(not found|No such file)/);
      }
    });

    it.each(OUTSIDE)('an assembler does not put %s into an object', async (path) => {
      const plain = `__asm__(".incbin \\"${path}\\"");`;
      const hidden = `__asm__(".macro m a b\\n.\\\\a\\\\b \\"${path}\\"\\n.endm\\nm inc bin");`;
      for (const text of [plain, hidden]) {
        const line = await compile('arm-none-eabi-gcc', `${text}\nint a;\n`);
        expect(line).toMatch(/^compiling x: arm-none-eabi-gcc failed: .*(not found|No such file)/);
      }
    });

    it('gives the bytes that it gives without, leaves nothing behind, and cannot write elsewhere', async () => {
      await writeFile(
        join(folder, 'y.c'),
        '#include "oto_model.h"\nint f(int a) { return 3 * a; }\n',
      );
      const options = { task: 'compiling y', cwd: folder };
      await runTool(command('arm-none-eabi-gcc', 'y.c'), options);
      const free = await readFile(join(folder, 'y.c.o'));
      await rm(join(folder, 'y.c.o'));
      const read = [join(packageRoot, 'firmware')];
      await runConfined(command('arm-none-eabi-gcc', 'y.c'), { ...options, read });
      expect(Buffer.compare(await readFile(join(folder, 'y.c.o')), free)).toBe(0);
      const away = {
        tool: 'arm-none-eabi-gcc',
        args: ['-c', 'y.c', '-o', join(secret, 'y.o')],
      } as const;
      await expect(runConfined(away, { ...options, read })).rejects.toThrow(/compiling y/);
      const { readdir } = await import('node:fs/promises');
      expect((await readdir(folder)).filter((name) => name.startsWith('.root'))).toEqual([]);
    });
  },
);
