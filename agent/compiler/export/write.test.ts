import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CORES } from '../../boards/cores.ts';
import { acdnet } from '../../nets/acdnet.ts';
import { randomModel } from '../../nets/random-model.ts';
import type { ExportedFile, ExportTarget } from './context.ts';
import { exportFiles } from './export.ts';
import { MANIFEST, manifestText } from './manifest.ts';
import { writeExport } from './write.ts';

const channels = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
const net = acdnet({ name: '3-small.net', channels, classes: 3, form: 'residual', samples: 6425 });
const model = randomModel(net, 1, 'test');
const core = (name: (typeof CORES)[number]): ExportTarget => ({
  kind: 'board',
  core: name,
  flags: [`-mcpu=${name}`],
});

const withManifest = (files: readonly ExportedFile[]): readonly ExportedFile[] => [
  ...files,
  { path: MANIFEST, text: manifestText(files) },
];
const first = withManifest([
  { path: 'README.md', text: 'one' },
  { path: 'nn/old.h', text: 'old' },
]);
const second = withManifest([
  { path: 'README.md', text: 'two' },
  { path: 'nn/new.h', text: 'new' },
]);

describe('exportFiles', () => {
  it('gives the same bytes every time, of identifiers that C takes', () => {
    const files = exportFiles(model, core('cortex-m33'));
    expect(exportFiles(model, core('cortex-m33'))).toEqual(files);
    const header = files.find((file) => file.path === 'include/net_3_small_net.h');
    expect(header?.text).toContain('extern const oto_model net_3_small_net_model;');
    expect(files.map((file) => file.text).join('')).not.toMatch(
      /EXAMPLE_NET|example_net|undefined/,
    );
  });

  it('holds every header that it includes, and none of another target', () => {
    for (const target of [{ kind: 'portable' } as const, ...CORES.map(core)]) {
      const files = exportFiles(model, target);
      const names = new Set(files.map((file) => file.path));
      const dispatch = files.find((file) => file.path === 'nn/oto_nn.h');
      for (const file of files.filter((f) => /\.[ch]$/.test(f.path) && f !== dispatch)) {
        for (const [, name] of file.text.matchAll(/#include "([^"]+)"/g)) {
          const beside = posix.join(posix.dirname(file.path), name ?? '');
          expect([...names], file.path).toContainEqual(
            file.path.startsWith('nn/') ? beside : expect.stringMatching(`/${name}$`),
          );
        }
      }
      expect([...names].filter((name) => /wasm/.test(name))).toEqual([]);
      const isM55 = target.kind === 'board' && target.core === 'cortex-m55';
      expect(names.has('nn/conv/mve.h')).toBe(isM55);
      expect(names.has('nn/conv/dsp.h')).toBe(target.kind === 'board' && !isM55);
    }
  });
});

describe('writeExport', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otolith-write-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const text = (path: string): Promise<string> => readFile(join(folder, path), 'utf8');

  it('makes the folder, and replaces what an earlier export wrote', async () => {
    const inner = join(folder, 'a/b');
    await writeExport(inner, first);
    await writeExport(inner, second);
    expect(await text('a/b/README.md')).toBe('two');
    expect(await readdir(join(inner, 'nn'))).toEqual(['new.h']);
  });

  it("leaves a stranger's files alone", async () => {
    await writeFile(join(folder, 'notes.txt'), 'mine');
    await writeExport(folder, first);
    await mkdir(join(folder, 'nn/more'));
    await writeExport(folder, second);
    expect(await text('notes.txt')).toBe('mine');
  });

  it.each([
    ['a file of another program', 'README.md'],
    ['a manifest that is none', MANIFEST],
  ])('writes nothing where %s is in the way', async (_what, name) => {
    await writeFile(join(folder, name), 'mine');
    await expect(writeExport(folder, first)).rejects.toMatchObject({
      code: 'export',
      message: expect.stringContaining(name),
    });
    expect(await readdir(folder)).toEqual([name]);
    expect(await text(name)).toBe('mine');
  });

  it('writes nothing over what was changed since the last export, in whichever file', async () => {
    await writeExport(folder, first);
    await writeFile(join(folder, 'README.md'), 'changed');
    await expect(writeExport(folder, second)).rejects.toThrow(/1?a file is in the way .*README.md/);
    expect(await text('README.md')).toBe('changed');
    expect(await readdir(join(folder, 'nn'))).toEqual(['old.h']);
  });

  it('keeps a file of the last export that was changed and is in it no more', async () => {
    await writeExport(folder, first);
    await writeFile(join(folder, 'nn/old.h'), 'changed');
    await writeExport(folder, second);
    expect(await text('nn/old.h')).toBe('changed');
  });

  it('writes through no link', async () => {
    const elsewhere = join(folder, 'elsewhere');
    const target = join(folder, 'target');
    await mkdir(elsewhere);
    await mkdir(target);
    await symlink(elsewhere, join(target, 'nn'));
    await expect(writeExport(target, first)).rejects.toThrow(/in the way/);
    await rm(join(target, 'nn'));
    await symlink(join(elsewhere, 'README.md'), join(target, 'README.md'));
    await expect(writeExport(target, first)).rejects.toThrow(/in the way/);
    expect(await readdir(elsewhere)).toEqual([]);
  });

  it('believes no manifest that names a file elsewhere', async () => {
    await writeFile(join(folder, 'precious'), 'mine');
    const inner = join(folder, 'inner');
    await mkdir(inner);
    const lie = [{ path: '../precious', text: 'mine' }];
    await writeFile(join(inner, MANIFEST), manifestText(lie));
    await expect(writeExport(inner, first)).rejects.toThrow(/in the way/);
    expect(await text('precious')).toBe('mine');
  });

  it('says in a line that the folder is a file', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(writeExport(join(folder, 'file'), first)).rejects.toMatchObject({
      name: 'UserError',
    });
  });
});
