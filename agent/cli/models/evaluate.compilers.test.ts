import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import wavefile from 'wavefile';
import { useConsole } from '../../../test/fakes/console.ts';
import { writeSound } from '../../../test/lab/generated-clips.ts';
import { decodeAudio } from '../../audio/decode/decode.ts';
import { Random } from '../../base/random.ts';
import { packageRoot } from '../../base/root.ts';
import { formatModel } from '../../model/model.ts';
import { acdnet } from '../../nets/acdnet.ts';
import { randomModel } from '../../nets/random-model.ts';
import { main } from '../main.ts';

const QMICRO = 'qmicro-acdnet-esc10';
const CLIPS = ['1-17367-A-10.ogg', '2-101676-A-10.ogg'];

let folder = '';
const at = (name: string): string => join(folder, name);
const { printed, complaints } = useConsole();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otolith-evaluate-'));
  await mkdir(at('seen/rain'), { recursive: true });
  await mkdir(at('mixed/rain'), { recursive: true });
  for (const [i, name] of CLIPS.entries()) {
    const from = join(packageRoot, 'agent/audio/clips', name);
    await copyFile(from, at(`seen/rain/${name}`));
    const { samples, sampleRate } = await decodeAudio(await readFile(from), name);
    const wav = new wavefile.WaveFile();
    wav.fromScratch(
      1,
      sampleRate,
      '16',
      samples.map((x) => Math.round(x * 32767)),
    );
    await writeFile(at(`mixed/rain/shower ${i}.wav`), wav.toBuffer());
  }
  await writeSound(at('mixed/rain/new.wav'), 'noise', new Random(1));
});
afterAll(() => rm(folder, { recursive: true }));

/** What evaluating says to people, and to scripts. */
async function evaluated(model: string, data: string) {
  expect(await main(['evaluate', model, '--data', at(data)])).toBe(0);
  const [headline = '', note = ''] = printed.splice(0);
  expect(await main(['evaluate', model, '--data', at(data), '--json'])).toBe(0);
  const report: unknown = JSON.parse(printed.at(-1) ?? '');
  return { headline, note, report };
}

it('on clips that it was trained on says only that it learnt', async () => {
  const { headline, report } = await evaluated(QMICRO, 'seen');
  expect(headline).toMatch(
    /^qmicro-acdnet-esc10: all 2 clips were in its training: this says only/,
  );
  expect(report).toMatchObject({ clips: 2, seen: 2, accuracyUnseen: null, unseen: null });
});

it('tells clips it was trained on apart, whatever they are called and kept in', async () => {
  const { headline, note, report } = await evaluated(QMICRO, 'mixed');
  expect(headline).toMatch(/^qmicro-acdnet-esc10: [01]\/1 = /);
  expect(note).toMatch(/^2 of these 3 clips were in its training and are left out; with them: /);
  expect(report).toMatchObject({ clips: 3, seen: 2, unseen: { clips: 1, windows: 10 } });
  const { accuracyUnseen, unseen } = report as {
    accuracyUnseen: number;
    unseen: { accuracy: number };
  };
  expect(accuracyUnseen).toBe(unseen.accuracy);
});

it('of a model that does not say its clips says so', async () => {
  const channels = [2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2];
  const net = acdnet({ name: 'old', channels, classes: 2, form: 'real', samples: 6425 });
  const { metadata, tensors } = randomModel(net, 1, 'old');
  const provenance = { ...metadata.provenance, weights: 'trained' } as const;
  const old = { ...metadata, labels: ['rain', 'sea'], provenance };
  await writeFile(at('old.safetensors'), formatModel({ metadata: old, tensors }));
  const { headline, note, report } = await evaluated(at('old.safetensors'), 'seen');
  expect(headline).toMatch(/^old: [012]\/2 = /);
  expect(note).toMatch(/^this model does not say which clips it was trained on/);
  expect(report).toMatchObject({ clips: 2, seen: null, accuracyUnseen: null, unseen: null });
});

it('refuses --scores of a folder of runs, and a place that is no folder, before it evaluates', async () => {
  const scores = ['--data', at('seen'), '--scores'];
  expect(await main(['evaluate', at('seen'), ...scores, at('out')])).toBe(1);
  expect(complaints.at(-1)).toMatch(
    /--scores is of one network; name the file of a fold's network/,
  );
  expect(await main(['evaluate', QMICRO, ...scores, at('old.safetensors')])).toBe(1);
  expect(complaints.at(-1)).toMatch(/old\.safetensors/);
  expect(printed).toEqual([]);
});
