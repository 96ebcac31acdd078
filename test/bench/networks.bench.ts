import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random, randomSamples } from '../../agent/base/random.ts';
import { CompiledModel } from '../../agent/engine/compiled-model.ts';
import { acdnet } from '../../agent/nets/acdnet.ts';
import { ACDNET_PRESETS } from '../../agent/nets/presets.ts';
import { randomModel } from '../../agent/nets/random-model.ts';
import { type Bench, ratioOf, timed } from './bench.ts';

const ROUNDS = 15;
const WINDOWS = 20;

/** Random weights: what is timed does not depend on them. */
const NETS = {
  'QMicro-ACDNet, int8': acdnet({
    name: 'micro',
    ...ACDNET_PRESETS['micro-acdnet'],
    classes: 10,
    form: 'real',
  }),
  'residual XNOR': acdnet({
    name: 'residual',
    channels: [8, 16, 16, 32, 32, 32, 32, 64, 64, 96, 96],
    conv12: 48,
    classes: 10,
    form: 'residual',
  }),
  'XMicro-ACDNet': acdnet({
    name: 'xmicro',
    ...ACDNET_PRESETS['micro-acdnet'],
    classes: 10,
    form: 'paper',
  }),
};

export const bench: Bench = {
  title: 'milliseconds a window on this gateway, networks in turn',
  async run(print) {
    const cache = await mkdtemp(join(tmpdir(), 'otolith-bench-'));
    try {
      const models: CompiledModel[] = [];
      for (const [name, net] of Object.entries(NETS)) {
        models.push(await CompiledModel.load(randomModel(net, 1, name), { cache }));
      }
      const samples = randomSamples(new Random(1), 30225);
      const times = models.map((): number[] => []);
      for (let round = 0; round < ROUNDS; round++) {
        for (const [i, model] of models.entries()) {
          const ms = await timed(() => {
            for (let w = 0; w < WINDOWS; w++) model.run(samples);
          });
          times[i]?.push(ms / WINDOWS);
        }
      }
      const names = Object.keys(NETS);
      for (const [i, own] of times.entries()) {
        const median = [...own].sort((a, b) => a - b)[Math.floor(own.length / 2)] ?? Number.NaN;
        print(
          `${names[i]}: ${median.toFixed(2)} ms; ratio to ${names[0]} ${ratioOf(own, times[0] ?? [])}`,
        );
      }
    } finally {
      await rm(cache, { recursive: true, force: true });
    }
  },
};
