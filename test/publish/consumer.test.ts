import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import type { Payload } from '../../protocol/topics.ts';
import { TestBroker, until } from './broker.ts';
import { detection, rig } from './publisher.ts';

const CONSUMER = new URL('../../deploy/examples/line-protocol.mjs', import.meta.url).pathname;

it('the line protocol example turns events into lines, each once', async () => {
  const broker = await TestBroker.create();
  await broker.start();
  const child = spawn(process.execPath, [CONSUMER, broker.url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const { publisher, outbox } = await rig(broker.url);
  publisher.start();
  try {
    const heard: Payload<'board/{board}/classification'> = {
      id: 'attic:m4:1:7',
      at: '2026-01-01T00:00:01.500Z',
      window: 'w-7',
      network: 'mine',
      model: 'qmicro',
      precision: 'int8',
      class: 'dog',
      confidence: 0.93,
      latency: { value: 14_800_000, unit: 'instructions' },
      energy: { source: 'estimated', uJ: 812 },
      top: [{ class: 'dog', confidence: 0.93 }],
      board: 'm4',
      sequence: 7,
      boot: 1,
      sameAsGateway: true,
    };
    // The consumer may connect after the first of these: they repeat under the same id until it has both.
    await until(async () => {
      await publisher.event('board/{board}/classification', heard, { board: 'm4' });
      await publisher.event('detection', detection('crying baby', 1));
      return lines.length >= 2;
    });
    await until(() => outbox.state.waiting === 0);
    expect(lines.sort()).toEqual([
      'otolith_classification,gateway=attic,where=m4,network=mine,model=qmicro,unit=instructions,energy_source=estimated ' +
        'class="dog",confidence=0.93,latency=14800000,energy_uj=812,same_as_gateway=true 1767225601500000000',
      'otolith_detection,gateway=attic,network=int8,class=crying\\ baby confidence=0.9 1767225600000000000',
    ]);
  } finally {
    await publisher.stop(0);
    await outbox.close();
    child.kill();
    await broker.kill();
  }
});
