import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import wavefile from 'wavefile';
import { Random } from '../../agent/base/random.ts';
import { loadDataset } from '../../agent/lab/data/dataset.ts';
import { readCheckpoint } from '../../agent/lab/train/checkpoint.ts';
import { RECIPES } from '../../agent/lab/train/recipe.ts';
import { train } from '../../agent/lab/train/trainer.ts';
import { acdnet } from '../../agent/nets/acdnet.ts';
import { OTOLITH } from '../run/command.ts';
import { describeWithLibrary } from './with-library.ts';

const CHANNELS = '2,4,4,4,4,4,4,4,4,4,4';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'otolith-resume-'));
  const random = new Random(3);
  for (const [kind, name] of ['low', 'high'].entries()) {
    await mkdir(join(dir, 'data', name), { recursive: true });
    for (let i = 0; i < 10; i++) {
      const wav = new wavefile.WaveFile();
      const hz = 200 + 900 * kind + random.int(0, 100);
      const samples = Int16Array.from({ length: 8000 }, (_, t) => 9000 * Math.sin((hz * t) / 3000));
      wav.fromScratch(1, 20000, '16', samples);
      await writeFile(join(dir, 'data', name, `${i}.wav`), wav.toBuffer());
    }
  }
});
afterAll(() => rm(dir, { recursive: true }));

/** Runs the program; with `killAt`, ends it without warning once that epoch is reported. */
function trainProcess(out: string, killAt?: number): Promise<number | null> {
  const args = ['train', '--data', join(dir, 'data'), '--channels', CHANNELS, '--epochs', '6'];
  const more = ['--folds', '1', '--evaluate-every', '1', '--average', '0.9', '--out', out];
  const child = spawn(process.execPath, [...OTOLITH, ...args, ...more], {
    env: { ...process.env, OTOLITH_CACHE: join(dir, 'cache') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.on('data', (text: Buffer) => {
    if (killAt !== undefined && text.toString().includes(`epoch ${killAt}/`)) child.kill('SIGKILL');
  });
  return new Promise((resolve) => {
    child.once('close', resolve);
  });
}

const parametersOf = async (out: string) => {
  const { parameters, training } = await readCheckpoint(join(out, 'fold-1', 'network.safetensors'));
  return {
    epochs: training.history.length,
    values: [...parameters.values()].map((p) => [...p.data]),
  };
};

describeWithLibrary('a training that is stopped', (tf) => {
  const net = (name: string) => {
    const channels = CHANNELS.split(',').map(Number);
    return acdnet({ name, channels, classes: 2, form: 'residual', samples: 6425 });
  };
  const recipe = { ...RECIPES.residual, epochs: 4, frontEpochs: 4, batch: 8, average: 0.9 };

  it('goes on with the front it had learnt, not with the one it took over, and is taught by the same', async () => {
    const dataset = await loadDataset({ dir: join(dir, 'data') });
    const common = { tf, dataset, datasetName: 'tones', heldOut: 1 };
    const source = join(dir, 'front');
    await train({ ...common, net: net('front'), recipe: { ...recipe, epochs: 1 }, dir: source });
    const front = join(source, 'network.safetensors');
    const repeating = { ...recipe, mixtureEpochs: 2, distill: 0.5 };
    const taken = { ...common, net: net('whole'), recipe: repeating, teachers: [front] };
    const stop = new AbortController();
    const onEpoch = (): void => stop.abort();
    const out = (name: string): string => join(dir, name);
    await train({ ...taken, front, dir: out('uninterrupted') });
    const first = train({ ...taken, front, dir: out('stopped'), onEpoch, signal: stop.signal });
    await expect(first).rejects.toThrow();
    const untaught = train({ ...taken, front, teachers: undefined, dir: out('stopped') });
    await expect(untaught).rejects.toThrow(/of another training \(other teachers\)/);
    await train({ ...taken, front, dir: out('stopped') });
    const values = async (name: string) => {
      const { parameters } = await readCheckpoint(join(out(name), 'network.safetensors'));
      return new Map([...parameters].map(([id, { data }]) => [id, [...data]]));
    };
    expect(await values('stopped')).toEqual(await values('uninterrupted'));
  });
});

describeWithLibrary('a training that is killed', () => {
  it('continues to the very weights of one that was not', async () => {
    const whole = join(dir, 'whole');
    const killed = join(dir, 'killed');
    expect(await trainProcess(whole)).toBe(0);
    expect(await trainProcess(killed, 3)).toBe(null);
    expect(await trainProcess(killed)).toBe(0);
    const expected = await parametersOf(whole);
    expect(expected.epochs).toBe(6);
    expect(await parametersOf(killed)).toEqual(expected);
  }, 240_000);
});
