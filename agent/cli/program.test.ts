import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useConsole } from '../../test/fakes/console.ts';
import { writeSounds } from '../../test/lab/generated-clips.ts';
import { OTOLITH } from '../../test/run/command.ts';
import { packageRoot } from '../base/root.ts';
import { main } from './main.ts';

/** Runs the program with one of its outputs closed; gives what the other said, and its exit code. */
async function readOnce(closed: 'stdout' | 'stderr', ...argv: readonly string[]) {
  const child = spawn(process.execPath, [...OTOLITH, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const other = closed === 'stdout' ? child.stderr : child.stdout;
  other.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child[closed].destroy();
  const [code] = await once(child, 'close');
  return { code, said };
}

describe('a closed pipe', () => {
  it('ends a command quietly, and not as if it had finished', async () => {
    expect(await readOnce('stdout', 'topics', '--asyncapi')).toEqual({ code: 141, said: '' });
  });

  it('on standard error too', async () => {
    expect(await readOnce('stderr', 'evaluate', 'nosuch', '--data', '/nowhere')).toEqual({
      ...{ code: 141, said: '' },
    });
  });
});

describe('a failure in the command line', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'otolith-program-'));
  });
  afterAll(() => rm(dir, { recursive: true }));
  const { printed, complaints } = useConsole();
  const failing = async (code: number, ...argv: readonly string[]): Promise<string> => {
    expect(await main(argv)).toBe(code);
    return complaints.join('\n');
  };

  it('is one message for every number', async () => {
    const train = ['train', '--data', dir, '--out', dir];
    for (const [option, value, words] of [
      ['--epochs', 'abc', /whole number from 1/],
      ['--batch', '1.5', /whole number from 2/],
      ['--batch', '-4', /whole number from 2/],
      ['--folds', '1,,x', /"" is not a fold/],
      ['--jobs', '0', /whole number from 1/],
      ['--seed', '1e99', /whole number from 0/],
      ['--learning-rate', '-0.1', /number above 0/],
      ['--distill', '2', /from 0 to 1/],
      ['--channels', '4,,8', /"" must be a whole number/],
      ['--average', '1', /above 0 below 1/],
      ['--form', 'complex', /choices are real, paper, residual/],
      ['--schedule', 'linear', /choices are cosine, steps/],
    ] as const) {
      complaints.length = 0;
      const text = await failing(2, ...train, option, value);
      expect(text).toMatch(words);
      expect(text).toContain(option);
    }
    complaints.length = 0;
    expect(await failing(2, 'console', 'x', '--baud', 'fast')).toMatch(/--baud.*whole number/);
    complaints.length = 0;
    const push = ['push', 'm', '--board', 'b', '--counter', '-1'];
    expect(await failing(2, ...push)).toMatch(/--counter.*whole number/);
  });

  it('is refused before a training that cannot be, after what the data hold', async () => {
    const data = join(dir, 'sounds');
    await writeSounds(data, 5, 1);
    await mkdir(join(data, '__MACOSX'));
    await writeFile(join(data, '__MACOSX', '._0.wav'), '');
    const train = ['train', '--data', data, '--out', join(dir, 'never')];
    expect(await failing(1, ...train, '--classes', 'tone')).toMatch(/there is only tone/);
    expect(printed.join('\n')).toMatch(/5 clips of 1 class, .*10 of other classes not used/);
    expect(printed.join('\n')).toMatch(/not taken: 1\n {2}__MACOSX: left there by macOS/);
    complaints.length = 0;
    expect(await failing(1, ...train, '--batch', '100000')).toMatch(
      /batch of 100000 windows is more/,
    );
    complaints.length = 0;
    expect(await failing(1, ...train, '--folds', '1-9')).toMatch(/no fold 6; it has folds 1, 2, 3/);
    complaints.length = 0;
    // All tones are cuts of one recording, so no fold but one has any.
    const group = ['--group', '^(tone)|(.+)$', '--folds', '1'];
    expect(await failing(1, ...train, ...group)).toMatch(/no clip to learn tone from .*fold 1/);
  });

  it('names the networks that are there', async () => {
    expect(await failing(1, 'bench', 'nosuch')).toMatch(
      /model nosuch: it is neither in the zoo nor a file; the zoo has .*qmicro-acdnet-esc10/,
    );
  });

  it('says of a float network how it is quantized', async () => {
    const zoo = join(packageRoot, 'agent/zoo/micro-acdnet-esc10-float.safetensors');
    expect(await failing(1, 'compile', zoo, '--wasm')).toMatch(
      /float network: quantize it first; otolith compress quantize <runs>/,
    );
  });

  it('says of a folder of runs what it holds', async () => {
    const runs = join(dir, 'runs');
    await mkdir(join(runs, 'fold-1'), { recursive: true });
    await writeFile(join(runs, 'fold-1', 'network.safetensors'), '');
    await mkdir(join(dir, 'data', 'a'), { recursive: true });
    await writeFile(join(dir, 'data', 'a', '1.wav'), 'RIFF');
    const { foldFolders } = await import('./train/fold-folders.ts');
    await expect(foldFolders(runs, 'mine.safetensors')).rejects.toMatchObject({
      hint: expect.stringContaining(
        `otolith compress quantize ${runs} --data <data set> --name mine`,
      ),
    });
    await writeFile(join(runs, 'fold-1', 'yours.safetensors'), '');
    await expect(foldFolders(runs, 'mine.safetensors')).rejects.toMatchObject({
      hint: 'it has yours',
    });
    await expect(foldFolders(join(dir, 'nothing'), 'x')).rejects.toThrow(/is no folder of runs/);
  });

  it('is one line where an image is not there', async () => {
    const { readImageFile } = await import('../firmware/image.ts');
    await expect(readImageFile('/nowhere/x.bin')).rejects.toThrow(
      /the image \/nowhere\/x\.bin cannot be read: .* is not there/,
    );
  });
});
