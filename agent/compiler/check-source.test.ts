import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../base/root.ts';
import { KERNEL_SETS } from '../c/kernel-sets.ts';
import { readModel } from '../model/model.ts';
import { modelTable } from './build.ts';
import { checkSource } from './check-source.ts';
import { emitModel } from './emit.ts';

describe('generated C', () => {
  it('of every network in the zoo, for every set of kernels, is ours', async () => {
    const zoo = join(packageRoot, 'agent', 'zoo');
    const files = (await readdir(zoo)).filter(
      (name) => name.endsWith('.safetensors') && !name.includes('float'),
    );
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) {
      const model = await readModel(join(zoo, file));
      for (const kernels of KERNEL_SETS) {
        expect(() => emitModel(model, { kernels })).not.toThrow();
      }
    }
    checkSource(modelTable(2), 'the table');
  });

  it.each([
    '#include "/etc/passwd"',
    '#include </etc/passwd>',
    '  #  include "oto_nn.h"',
    '# include "/etc/passwd"',
    '#include "../oto_nn.h"',
    '%:include "/etc/passwd"',
    '??=include "/etc/passwd"',
    '/* a */ #include "/etc/passwd"',
    '/* a **//\n#include "/etc/passwd"',
    '#embed "/etc/passwd"',
    '#define A __asm__',
    '#pragma GCC dependency "/etc/passwd"',
    '#line 1 "/etc/passwd"',
    '_Pragma("once")',
    'asm(".incbin \\"/etc/shadow\\"");',
    '__asm__(".incbin \\"/etc/shadow\\"");',
    '__asm(".inc" "bin \\"/etc/shadow\\"");',
    'as\\\nm("x");',
    'int x __attribute__((section(".text,\\"ax\\"\\n.incbin \\"/etc/shadow\\"#")));',
    'x **//\nint evil(void) { return system("reboot"); } /*',
    'const char *a = "unended;',
    '/* unended',
    '"??/" asm("x")',
    '// a comment \\',
    'char c = \'"\'; asm("x"); char d = \'"\';',
    'int caf\u00e9;',
    'int a\u202e;',
    'int \\u0061sm;',
    '\0',
  ])('that holds %j is refused, in one line', (line) => {
    const source = `#include "oto_nn.h"\nstatic int a;\n${line}\n`;
    expect(() => checkSource(source, 'm')).toThrow(
      /^the C of m holds what otolith does not write \((line [34]|a text without end)\)$/,
    );
  });
});
