import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { fromHex } from '../../protocol/bytes.ts';
import type { CborMap } from '../../protocol/cbor.ts';
import { ConsoleParser, encodeConsole } from '../../protocol/framing/console.ts';
import type { FrameEvent } from '../../protocol/framing/frame.ts';
import { imageHash, parseImage } from '../../protocol/mcuboot/image.ts';
import { decodePacket, encodePacket, type SmpPacket } from '../../protocol/smp/packet.ts';
import { PtyDevice } from '../fakes/pty.ts';
import { client } from './emulate-command.ts';
import { root } from './host-c.ts';
import { hostImage, useSmpHost } from './smp-host.ts';

const running = hostImage(0);
const next = hostImage(1);
const server = useSmpHost();
const runningFile = server.write('running.bin', running);
const nextFile = server.write('next.bin', next);

/** An answer as the table writes it. */
type Said = string;

interface Row {
  readonly group: number;
  readonly command: number;
  readonly op: 'read' | 'write';
  readonly body: CborMap;
  /** In version 1 and 2. */
  readonly answers: Readonly<Record<1 | 2, Said>>;
  readonly clients: string;
  readonly text: string;
}

const rows: readonly Row[] = readFileSync(join(root, 'protocol/SMP.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| \d/.test(line))
  .map((line) => {
    const [group, command, op, request, second, first, clients] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    if (op !== 'read' && op !== 'write') throw new Error(`op in ${line}`);
    return {
      ...{
        group: Number.parseInt(group ?? '', 10),
        command: Number.parseInt(command ?? '', 10),
        op,
      },
      ...{ body: bodyOf(request ?? ''), answers: { 1: first ?? '', 2: second ?? '' } },
      ...{ clients: clients ?? '', text: line },
    };
  });

/** The table's JSON with bytes and the dots that stand for an image's. */
function bodyOf(cell: string): CborMap {
  const json = cell.replace(/^`|`$/g, '').replace(/h'([0-9a-f]*)'/g, '"hex:$1"');
  const known: Readonly<Record<string, unknown>> = {
    len: running.length,
    data: running.subarray(0, 300),
    hash: hashOf(running),
  };
  return Object.fromEntries(
    Object.entries(z.record(z.string(), z.unknown()).parse(JSON.parse(json))).map(
      ([key, value]) => {
        if (typeof value !== 'string') return [key, value];
        if (value.startsWith('…')) return [key, known[key]];
        return [key, value.startsWith('hex:') ? fromHex(value.slice(4)) : value];
      },
    ),
  );
}

function hashOf(image: Uint8Array): Uint8Array | undefined {
  const parsed = parseImage(image);
  return parsed.ok ? imageHash(parsed.value) : undefined;
}

const refusal = z.union([
  z.object({ rc: z.number() }).transform(({ rc }) => String(rc)),
  z
    .object({ err: z.object({ group: z.number(), rc: z.number() }) })
    .transform(({ err }) => `group ${err.group}: ${err.rc}`),
]);

/** What the server answers to a stream of packets. */
function replies(packets: readonly Uint8Array[], ...args: readonly string[]): readonly CborMap[] {
  const input = Buffer.concat(packets.map(encodeConsole));
  const out = execFileSync(server.path, [runningFile, ...args], { input });
  return packetsIn(new ConsoleParser(8192).push(out)).map(({ body }) => body);
}

function packetsIn(events: readonly FrameEvent[]): readonly SmpPacket[] {
  return events.map((event) => {
    const packet = event.type === 'packet' ? decodePacket(event.packet) : undefined;
    if (packet?.ok !== true) throw new Error(`${event.type} among the answers`);
    return packet.value;
  });
}

const packetOf = ({ group, command, op, body }: Row, version: 1 | 2, sequence = 0): Uint8Array =>
  encodePacket({ version, op: op === 'read' ? 0 : 2, group, command, sequence }, body);

const said = (body: CborMap): Said => refusal.safeParse(body).data ?? 'works';

/** Slot info and others in full. */
const ask = (op: 'read' | 'write', group: number, command: number, body: CborMap): Row => ({
  ...{ op, group, command, body, answers: { 1: '', 2: '' }, clients: '', text: '' },
});
const replyTo = (row: Row, ...args: readonly string[]): CborMap =>
  replies([packetOf(row, 2)], ...args)[0] ?? {};

describe('the table of standard commands', () => {
  test.each([1, 2] as const)('every line is what the server answers in version %i', (version) => {
    const bodies = replies(rows.map((row, i) => packetOf(row, version, i % 256)));
    const got = rows.map((row, i) => `${said(bodies[i] ?? {})} to ${row.text}`);
    expect(got).toEqual(rows.map((row) => `${row.answers[version]} to ${row.text}`));
    console.log(`${rows.length} requests answered as the table says, version ${version}`);
  });

  test('slot info nests five deep and names the slot that uploads go to', () => {
    expect(replyTo(ask('read', 1, 6, {}))).toEqual({
      images: [
        {
          image: 0,
          slots: [
            { slot: 0, size: 524_288 },
            { slot: 1, size: 524_288, upload_image_id: 0 },
          ],
          max_image_size: 516_096,
        },
      ],
    });
  });

  test('the bootloader is MCUboot, in its mode that swaps without a scratch area', () => {
    expect(replyTo(ask('read', 0, 8, {}))).toEqual({ bootloader: 'MCUboot' });
    expect(replyTo(ask('read', 0, 8, { query: 'mode' }))).toEqual({ mode: 3 });
  });

  test('image 1 is taken only where slot 1 is what is written; others never', () => {
    const upload = (image: number): Row =>
      ask('write', 1, 1, { off: 0, len: next.length, data: next.subarray(0, 100), image });
    expect([0, 1, 2, 7].map((image) => said(replyTo(upload(image))))).toEqual([
      ...['works', 'works', 'group 1: 9', 'group 1: 9'],
    ]);
    expect([0, 1, 2].map((image) => said(replyTo(upload(image), 'recovery')))).toEqual([
      ...['works', 'group 1: 9', 'group 1: 9'],
    ]);
  });

  test('a version beyond 2 is refused in version 2', () => {
    for (const wire of [2, 3]) {
      const packet = packetOf(ask('write', 0, 0, { d: 'x' }), 2);
      packet[0] = (wire << 3) | 2;
      const out = execFileSync(server.path, [runningFile], { input: encodeConsole(packet) });
      const [reply] = packetsIn(new ConsoleParser(8192).push(out));
      expect(reply).toMatchObject({ header: { version: 2 }, body: { rc: 13 } });
    }
  });
});

/** What a client's script printed, and what the server sent it. */
interface Session {
  readonly lines: readonly unknown[];
  readonly sent: readonly SmpPacket[];
}

/** Runs a client's script against the server behind a pty. */
async function runClient(script: string): Promise<Session> {
  const device = new PtyDevice();
  const child = spawn(server.path, [runningFile], { stdio: ['pipe', 'pipe', 'inherit'] });
  const parser = new ConsoleParser(8192);
  const sent: SmpPacket[] = [];
  try {
    const port = await device.start((send) => {
      child.stdout.on('data', (bytes: Uint8Array) => {
        sent.push(...packetsIn(parser.push(bytes)));
        send(bytes);
      });
      return { receive: (bytes) => void child.stdin.write(bytes) };
    });
    const path = join(root, 'test/boards/clients', script);
    const printed = await client('python', path, port, nextFile);
    const lines = printed.trim().split('\n');
    return { lines: lines.map((line): unknown => JSON.parse(line)), sent };
  } finally {
    child.stdin.end();
    await device.stop();
  }
}

const code = z.union([
  z
    .object({ group: z.number(), rc: z.number() })
    .transform(({ group, rc }) => `group ${group}: ${rc}`),
  z.object({ rc: z.number() }).transform(({ rc }) => `${rc}`),
  z.string(),
]);
const requestLine = z.object({
  name: z.string(),
  user: z.boolean(),
  group: z.number(),
  command: z.number(),
  op: z.enum(['read', 'write']),
  answers: z.object({ 1: code, 2: code }),
});
const commandLine = z.object({ name: z.string(), exit: z.number(), said: z.string() });

const rowOf = (client: string): Row | undefined =>
  rows.find(({ clients }) => clients.split(', ').includes(client));

describe('clients of other makers', () => {
  test('every request of smpclient is in the table, and answered so in both versions', async () => {
    const lines = z.array(requestLine).parse((await runClient('every_request.py')).lines);
    for (const { name, user, ...seen } of lines) {
      const label = `smpclient ${name}${user ? ' (user group)' : ''}`;
      expect({ label, ...rowOf(label) }).toMatchObject({ label, ...seen });
    }
    console.log(`${lines.length} requests of smpclient, each in two versions`);
    expect(lines.length).toBeGreaterThan(30);
  }, 120_000);

  test('every command of smpmgr is in the table, and works or hears what that says', async () => {
    const { lines, sent } = await runClient('every_command.py');
    const commands = z.array(commandLine).parse(lines);
    for (const { name, exit, said: text } of commands) {
      const row = rowOf(`smpmgr ${name}`);
      expect(row, name).toBeDefined();
      if (row?.answers[2] === 'works') expect({ name, exit, text }).toMatchObject({ exit: 0 });
      const answers = sent
        .filter(({ header }) => header.group === row?.group && header.command === row.command)
        .map(({ body }) => said(body));
      expect({ name, answers: [...new Set(answers)] }).toEqual({
        name,
        answers: [row?.answers[2]],
      });
    }
    console.log(`${commands.length} commands of smpmgr, ${sent.length} answers`);
    expect(commands.length).toBeGreaterThan(18);
  }, 120_000);
});
