import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../agent/base/errors.ts';
import { packageRoot } from '../../agent/base/root.ts';
import { boardFileSchema, readBoardFile } from '../../agent/boards/board-file.ts';
import { classNameOf } from '../../agent/lab/data/listing.ts';
import { html } from '../../agent/lab/report/html.ts';
import { cardOf } from '../../agent/lab/zoo/card.ts';
import { labelSchema } from '../../agent/model/plan.ts';
import { melCnn } from '../../agent/nets/mel.ts';
import { netSchema } from '../../agent/nets/net-schema.ts';
import { randomModel } from '../../agent/nets/random-model.ts';
import { printable, printableLines } from '../../protocol/printable.ts';
import { topicOf, topics } from '../../protocol/topics.ts';
import { labelsReplySchema } from '../../protocol/vendor.ts';
import { OTOLITH } from '../run/command.ts';
import { HOSTILE } from './hostile.ts';

const sizes = { classes: 3, channels: [2], samples: 640, frame: 64, hop: 64, bands: 8 } as const;
const net = melCnn({ name: 'mel', ...sizes });
const model = randomModel(net, 1, 'mel');
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e\u2066-\u2069]/u;
const labels = HOSTILE.filter((text) => labelSchema.safeParse(text).success);

describe.each(HOSTILE)('the text %j', (text) => {
  it('is one harmless line in an error', () => {
    const { line } = new UserError('x', `${text} is wrong`, { hint: `try ${text}` });
    expect(line).not.toMatch(UNSAFE);
  });

  it('is harmless in what is printed, and JSON stays what it says', () => {
    expect(printableLines(text).replaceAll(/[\n\t]/g, '')).not.toMatch(UNSAFE);
    const json = printableLines(JSON.stringify({ text }));
    expect(json).not.toMatch(UNSAFE);
    expect(JSON.parse(json)).toEqual({ text });
    expect(printable(printable(text))).toBe(printable(text));
  });

  it('is text in a page, and text in an attribute', () => {
    const page = html`<p title="${text}">${text}</p>`.text;
    expect(page.replace(/^<p title="|">|<\/p>$/g, '')).not.toMatch(/[<>"']/);
    expect(page).not.toMatch(/[^\P{Cc}\n\t]/u);
  });

  it('is no topic of several levels, no filter and no control character', () => {
    const topic = (): string => topicOf('otolith/attic', 'board/{board}/status', { board: text });
    if (/[+#/\p{Cc}]/u.test(text)) expect(topic).toThrow(/is not a level of a topic/);
    else expect(topic().split('/')).toHaveLength(5);
  });

  it('is no command with control characters', () => {
    const { success } = topics['command/label'].schema.safeParse({ window: 'w', label: text });
    expect(success).toBe(!UNSAFE.test(text) && !text.startsWith('\ufeff') && text.length <= 64);
  });

  it('is no board that reaches a compiler, an emulator or a path', () => {
    const board = JSON.parse(JSON.stringify(readable()));
    for (const wrong of [
      { ...board, id: text },
      { ...board, core: text },
      { ...board, flags: [text] },
      { ...board, flags: [`-m${text}`] },
      { ...board, sources: [text] },
      { ...board, sources: [`arm/${text}.c`] },
      { ...board, emulated: { ...board.emulated, machine: text } },
    ]) {
      expect(boardFileSchema.safeParse(wrong).success).toBe(false);
    }
  });

  it('is no board reply and no name of a network or a node that a terminal would act on', () => {
    const reply = { rc: 0, from: 0, count: 1, total: 1, labels: [text] };
    const parsed = labelsReplySchema.safeParse(reply);
    if (parsed.success) expect(text).not.toMatch(UNSAFE);
    if (netSchema.safeParse({ ...net, name: text }).success) expect(text).not.toMatch(UNSAFE);
    const [first, ...others] = net.nodes;
    const nodes = [{ ...first, id: text }, ...others];
    expect(netSchema.safeParse({ ...net, nodes }).success).toBe(false);
  });

  it('is a class only where a page, a path and a shell take it for text', () => {
    try {
      expect(classNameOf(text, 'x')).not.toMatch(/[<>"/\\$`;|*?\p{Cc}]/u);
    } catch (error) {
      expect(error).toBeInstanceOf(UserError);
    }
  });
});

/** board.json as it lies in the tree. */
function readable(): unknown {
  const { rom, ram, flash, uart, watchdog, ...rest } = readBoardFile(packageRoot, 'cortex-m4');
  const hex = (n: number): string => `0x${n.toString(16).padStart(8, '0')}`;
  return {
    ...rest,
    rom: { ...rom, origin: hex(rom.origin) },
    ram: { ...ram, origin: hex(ram.origin) },
    flash: { ...flash, origin: hex(flash.origin) },
    uart: { ...uart, address: hex(uart.address) },
    watchdog: { ...watchdog, address: hex(watchdog.address) },
  };
}

it('the board that is tested with is a good one', () => {
  expect(boardFileSchema.safeParse(readable()).success).toBe(true);
});

it.each(labels)('the class %j makes no markup, cell, link or command in a card', (text) => {
  const training = {
    ...{ channels: [1], parameters: 1, realMacs: 1, binaryMacs: 1, hours: 1 },
    ...{ stages: [text], commands: [text, `otolith train ${text}`, `otolith x; ${text}`] },
  };
  const metadata = { ...model.metadata, labels: [text, 'b', 'c'], training };
  const card = cardOf({ ...model, metadata }, { name: 'mel.safetensors', bytes: 1 });
  const plain = cardOf(
    {
      ...model,
      metadata: {
        ...metadata,
        labels: ['a', 'b', 'c'],
        training: { ...training, stages: ['a'], commands: [] },
      },
    },
    { name: 'mel.safetensors', bytes: 1 },
  );
  const cells = (of: string): number => of.split('|').length;
  expect(cells(card)).toBe(cells(plain));
  expect(card).not.toMatch(/<|\]\(/);
  expect(card.split('```')).toHaveLength(3);
  const [, block = ''] = card.split('```');
  for (const line of block.split('\n').slice(1, -1)) {
    expect(line).toMatch(/^(npx otolith [^;|&$<>`\\"!*?(){}]*|# a command that is not shown.*)$/);
  }
});

it('the program prints what files and people name without acting on the terminal', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'otolith-printed-'));
  const run = promisify(execFile);
  try {
    for (const args of [
      ['compile', 'x\u001b[2J\u202e\n.safetensors', '--wasm'],
      ['evaluate', 'a\u009b31m', '--data', `${folder}/b\u001b]0;t\u0007`],
      ['net', '\u001b[31m'],
    ]) {
      const failure = await run(process.execPath, [...OTOLITH, ...args]).catch((error) => error);
      expect(failure.code, args[0]).toBeGreaterThan(0);
      expect(`${failure.stdout}${failure.stderr}`.replaceAll(/[\n\t]/g, '')).not.toMatch(UNSAFE);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
