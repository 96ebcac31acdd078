import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Outbox } from './outbox.ts';
import { type Entry, lanes } from './outbox-records.ts';

const SEEDS = Number(process.env.SEEDS ?? 40);
const PER_RUN = 80;
/** One more, and LevelDB would begin to merge tables whenever it finds the time: what is damaged would be left to chance. */
const RUNS = 4;
/** Of the first run's detections, which have arrived since. */
const ARRIVED = 30;
const base = mkdtempSync(join(tmpdir(), 'otolith-damage-'));
const original = join(base, 'original');
/** Every message that was ever stored, and those of them that have not arrived, by name. */
const written = new Map<string, string>();
const expected = new Map<string, string>();

function outboxIn(directory: string, notices: string[] = []): Outbox {
  const limits = { detections: 10_000, telemetry: 10_000 };
  return new Outbox({ directory, limits, onNotice: (text) => notices.push(text) });
}

async function all(outbox: Outbox): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (const lane of lanes) {
    for (let from = 0; ; ) {
      const entry = await outbox.next(lane, from);
      if (entry === undefined) break;
      entries.push(entry);
      from = entry.sequence + 1;
    }
  }
  return entries;
}

const nameOf = ({ lane, sequence }: Entry): string => `${lane} ${sequence}`;

/** A backlog as four runs leave it: three tables, a log, and messages that have arrived in between. */
beforeAll(async () => {
  for (let run = 0; run < RUNS; run++) {
    const outbox = outboxIn(original);
    await outbox.open();
    const puts = Array.from({ length: PER_RUN }, (_, n) => {
      const text = JSON.stringify({ id: `${run}-${n}`, noise: Math.sin(n).toString(36).repeat(8) });
      return outbox.put(n % 3 === 0 ? 'telemetry' : 'detections', 'attic/detection', text);
    });
    await Promise.all(puts);
    const entries = await all(outbox);
    for (const entry of entries) written.set(nameOf(entry), entry.payload);
    if (run === 2) for (const entry of entries.slice(5, 5 + ARRIVED)) outbox.done(entry);
    if (run === RUNS - 1) for (const entry of entries) expected.set(nameOf(entry), entry.payload);
    await outbox.close();
  }
});

/** Numbers from 0 to 1, the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = Math.imul(state ^ (state >>> 15), 2246822519) + 374761393;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

const HURTS = ['flip', 'noise', 'cut', 'empty', 'remove'] as const;

/** Damages one file of the store at a place that the seed says; gives what it did. */
function hurt(directory: string, seed: number): string {
  const random = randomFrom(seed);
  const store = join(directory, 'outbox');
  const names = readdirSync(store).filter((name) => !/^(LOCK|LOG)/.test(name));
  const name = names[Math.floor(random() * names.length)] ?? '';
  const how = HURTS[seed % HURTS.length] ?? 'flip';
  const file = join(store, name);
  const bytes = readFileSync(file);
  const at = Math.floor(random() * bytes.length);
  if (how === 'remove') rmSync(file);
  else if (how === 'cut' || how === 'empty') truncateSync(file, how === 'cut' ? at : 0);
  else {
    const length = how === 'flip' ? 1 : Math.ceil(random() * 200);
    for (let i = at; i < Math.min(bytes.length, at + length); i++) bytes[i] = random() * 256;
    writeFileSync(file, bytes);
  }
  return `${how} ${name} at ${at}`;
}

async function opened(directory: string, known: ReadonlyMap<string, string> = expected) {
  const notices: string[] = [];
  const outbox = outboxIn(directory, notices);
  await outbox.open();
  const entries = await all(outbox);
  for (const entry of entries) expect(entry.payload).toBe(known.get(nameOf(entry)));
  return { outbox, notices, entries, lost: outbox.state.lost };
}

function copy(name: string): string {
  const directory = join(base, name);
  cpSync(original, directory, { recursive: true });
  return directory;
}

it('takes what an interrupted merge of tables left behind for no damage', async () => {
  const [table = ''] = readdirSync(join(original, 'outbox')).filter((name) => name.endsWith('ldb'));
  const bytes = readFileSync(join(original, 'outbox', table));
  for (const [i, part] of [0, 1, 0.5, 0.99].entries()) {
    const directory = copy(`merge-${i}`);
    const cut = bytes.subarray(0, Math.floor(bytes.length * part));
    writeFileSync(join(directory, 'outbox', `00009${i}.ldb`), cut);
    const { outbox, notices, entries } = await opened(directory);
    expect([notices, entries.length]).toEqual([[], expected.size]);
    await outbox.close();
    expect(readdirSync(directory).filter((name) => name.includes('corrupt'))).toEqual([]);
  }
});

describe('a damaged outbox', () => {
  it('leaves nothing uncounted, wherever the damage is', async () => {
    const took = { nothing: 0, some: 0, all: 0 };
    for (let seed = 0; seed < SEEDS; seed++) {
      const directory = copy(`hurt-${seed}`);
      const what = hurt(directory, seed);
      const { outbox, notices, entries, lost } = await opened(directory);
      expect([what, entries.length + lost]).toEqual([what, expected.size]);
      const asides = readdirSync(directory).filter((name) => name.startsWith('outbox.corrupt-'));
      if (lost > 0) {
        expect(notices).toEqual([expect.stringContaining(`${lost} are lost`)]);
        expect(notices[0]).toContain(join(directory, asides[0] ?? '?'));
      }
      expect(notices.length).toBe(asides.length);
      expect(await outbox.put('detections', 'attic/detection', '{}')).toBe('stored');
      expect(await outbox.close()).toBe(0);
      const again = await opened2(directory);
      expect([what, again]).toEqual([what, { waiting: entries.length + 1, notices: [] }]);
      took[lost === 0 ? 'nothing' : entries.length === 0 ? 'all' : 'some']++;
      rmSync(directory, { recursive: true });
    }
    console.log(`${SEEDS} damaged outboxes: ${JSON.stringify(took)} was lost, and counted`);
    expect(took.some).toBeGreaterThan(10);
    // One block of a table, or what a log held behind the damage: never the whole backlog.
    expect(took.all).toBe(0);
  }, 2_000_000);

  /** What a second start finds. */
  async function opened2(directory: string) {
    const notices: string[] = [];
    const outbox = outboxIn(directory, notices);
    await outbox.open();
    const { waiting } = outbox.state;
    await outbox.close();
    return { waiting, notices };
  }

  it('starts and sends on where the ledger is damaged or gone as well', async () => {
    for (let seed = 0; seed < 10; seed++) {
      const directory = copy(`ledger-${seed}`);
      const ledger = join(directory, 'outbox.ledger');
      if (seed % 2 === 0) rmSync(ledger);
      else writeFileSync(ledger, Buffer.alloc(100, seed));
      if (seed > 1) hurt(directory, seed + 1000);
      // Without the ledger, nothing says of a message whose arrival was lost with a table that it has arrived.
      const { outbox, entries } = await opened(directory, written);
      expect(entries.length).toBeGreaterThan(0);
      expect(await outbox.put('detections', 't', '{}')).toBe('stored');
      await outbox.close();
      rmSync(directory, { recursive: true });
    }
  }, 60_000);

  it('begins again where there is a file in its place, or nothing to be read at all', async () => {
    const replaced = copy('replaced');
    rmSync(join(replaced, 'outbox'), { recursive: true });
    writeFileSync(join(replaced, 'outbox'), 'text');
    const first = await opened(replaced);
    expect(first.lost).toBe(expected.size);
    expect(first.notices[0]).toMatch(/0 waiting messages could be read, \d+ are lost; .*corrupt-/);
    await first.outbox.close();

    const garbage = copy('garbage');
    for (const name of readdirSync(join(garbage, 'outbox'))) {
      const file = join(garbage, 'outbox', name);
      writeFileSync(file, Buffer.alloc(statSync(file).size, 0x5a));
    }
    const second = await opened(garbage);
    expect(second.lost).toBe(expected.size);
    await second.outbox.close();
  });

  it('keeps three damaged stores, and no more', async () => {
    const directory = copy('many');
    for (let n = 0; n < 5; n++) {
      writeFileSync(join(directory, 'outbox', 'CURRENT'), 'garbage');
      const outbox = outboxIn(directory);
      await outbox.open();
      await outbox.close();
    }
    const asides = readdirSync(directory).filter((name) => name.startsWith('outbox.corrupt-'));
    expect(asides).toHaveLength(3);
  });

  it('goes on where a kill ended the repair', async () => {
    const directory = copy('killed');
    const path = join(directory, 'outbox');
    cpSync(path, `${path}.new`, { recursive: true });
    cpSync(path, `${path}.old`, { recursive: true });
    mkdirSync(`${path}.check`);
    rmSync(path, { recursive: true });
    const { outbox, entries, lost } = await opened(directory);
    expect([entries.length, lost]).toEqual([expected.size, 0]);
    await outbox.close();
    expect(existsSync(`${path}.old`)).toBe(false);
  });

  it('takes what versions before wrote, and finds nothing wrong with it', async () => {
    const { ClassicLevel } = await import('classic-level');
    const directory = join(base, 'before');
    mkdirSync(directory);
    const store = new ClassicLevel<string, string>(join(directory, 'outbox'));
    await store.put('d0000000000000007', JSON.stringify(['attic/detection', '{}']));
    await store.close();
    const notices: string[] = [];
    const outbox = outboxIn(directory, notices);
    await outbox.open();
    expect(await all(outbox)).toMatchObject([{ sequence: 7, payload: '{}' }]);
    expect(notices).toEqual([]);
    await outbox.close();
  });
});
