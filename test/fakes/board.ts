import { createHash } from 'node:crypto';
import { equalBytes } from '../../protocol/bytes.ts';
import type { CborMap } from '../../protocol/cbor.ts';
import { ConsoleParser, encodeConsole } from '../../protocol/framing/console.ts';
import type { FrameParser } from '../../protocol/framing/frame.ts';
import { encodeRaw, RawParser } from '../../protocol/framing/raw.ts';
import { imageHash, parseImage } from '../../protocol/mcuboot/image.ts';
import { decodePacket, encodePacket, type SmpPacket } from '../../protocol/smp/packet.ts';
import { benchWindow, VENDOR_GROUP } from '../../protocol/vendor.ts';

export interface FakeBoardOptions {
  readonly bufferBytes?: number;
  readonly bufferCount?: number;
  /** Default: console. */
  readonly framing?: 'console' | 'raw';
  /** Whether it knows the otolith group; other people's boards do not. */
  readonly vendor?: boolean;
  /** Its kind; the default is `fake`. */
  readonly kind?: string;
  /** Security counter below which it refuses images. */
  readonly counter?: number;
  /** Its serial number, as hex. */
  readonly serial?: string;
  /** What its network would answer; the default sums the window. */
  readonly infer?: (window: Int16Array, image: Uint8Array) => readonly number[];
  /** Images of which this is true never answer after boot, as firmware that hangs. */
  readonly hangs?: (image: Uint8Array) => boolean;
  /** Images of which this is true are refused by the bootloader, as signed by a foreign key. */
  readonly refuses?: (image: Uint8Array) => boolean;
  /** An image on trial stays after a reset: what it replaced cannot be started any more. */
  readonly keepsTrial?: boolean;
}

interface Slot {
  readonly bytes: Uint8Array;
  readonly hash: Uint8Array;
}

/** What a network that sums its window would answer. */
export function sumScores(window: Int16Array): readonly number[] {
  return [window.reduce((sum, sample) => sum + sample, 0) | 0, window[0] ?? 0];
}

/** A board in TypeScript that speaks real bytes: console framing in, console framing out. It knows test, confirm, revert. */
export class FakeBoard {
  readonly #options: FakeBoardOptions;
  readonly #parser: FrameParser;
  readonly #send: (bytes: Uint8Array) => void;
  readonly #encode: (packet: Uint8Array) => Uint8Array;
  #running: Slot;
  #confirmed = true;
  #other: Slot | undefined;
  #pending = false;
  #refused = '';
  #upload: { sha: Uint8Array; bytes: Uint8Array; held: number } | undefined;
  #window: { id: number; held: number } | undefined;
  boots = 1;
  requests = 0;

  constructor(
    image: Uint8Array,
    send: (bytes: Uint8Array) => void,
    options: FakeBoardOptions = {},
  ) {
    this.#options = options;
    this.#send = send;
    this.#running = slotOf(image);
    const raw = options.framing === 'raw';
    this.#parser = raw ? new RawParser(this.#bufferBytes) : new ConsoleParser(this.#bufferBytes);
    this.#encode = raw ? encodeRaw : encodeConsole;
  }

  get running(): Uint8Array {
    return this.#running.bytes;
  }

  get confirmed(): boolean {
    return this.#confirmed;
  }

  receive(bytes: Uint8Array): void {
    for (const event of this.#parser.push(bytes)) {
      if (event.type !== 'packet') continue;
      const packet = decodePacket(event.packet);
      if (packet.ok && this.#options.hangs?.(this.#running.bytes) !== true)
        this.#answer(packet.value);
    }
  }

  /** What a power cycle or a watchdog does: the bootloader decides, then the image starts. */
  reboot(): void {
    this.boots += 1;
    const other = this.#other;
    if (this.#pending && other !== undefined) {
      this.#pending = false;
      this.#refused = this.#options.refuses?.(other.bytes) === true ? 'key' : '';
      if (this.#refused === '') this.#swap(other, false);
    } else if (!this.#confirmed && other !== undefined && this.#options.keepsTrial !== true) {
      this.#refused = 'reverted';
      this.#swap(other, true);
    }
  }

  #swap(to: Slot, confirmed: boolean): void {
    this.#other = this.#running;
    this.#running = to;
    this.#confirmed = confirmed;
  }

  get #bufferBytes(): number {
    return this.#options.bufferBytes ?? 1024;
  }

  #answer(packet: SmpPacket): void {
    this.requests += 1;
    const { version, op, group, command, sequence } = packet.header;
    const body = this.#handle(group, command, op, packet.body);
    const reply = { version, op: op === 0 ? 1 : 3, group, command, sequence } as const;
    this.#send(this.#encode(encodePacket(reply, body)));
  }

  #handle(group: number, command: number, op: number, body: CborMap): CborMap {
    const key = `${group}/${command}/${op}`;
    switch (key) {
      case '0/0/2':
        return { r: body.d };
      case '0/5/2':
        this.reboot();
        return {};
      case '0/6/0':
        return { buf_size: this.#bufferBytes, buf_count: this.#options.bufferCount ?? 2 };
      case '1/0/0':
        return this.#images();
      case '1/0/2':
        return this.#setImage(body);
      case '1/1/2':
        return this.#takeChunk(body);
      default:
        return group === VENDOR_GROUP && this.#options.vendor !== false
          ? this.#vendor(command, body)
          : { rc: 8 };
    }
  }

  #images(): CborMap {
    const slot = (at: number, { hash }: Slot, flags: CborMap): CborMap => ({
      slot: at,
      version: '1.0.0',
      hash,
      bootable: true,
      ...flags,
    });
    const first = slot(0, this.#running, { active: true, confirmed: this.#confirmed });
    const second = this.#other && slot(1, this.#other, { pending: this.#pending });
    return { images: second === undefined ? [first] : [first, second], splitStatus: 0 };
  }

  #setImage(body: CborMap): CborMap {
    const { hash, confirm } = body;
    if (!(hash instanceof Uint8Array) || equalBytes(hash, this.#running.hash)) {
      if (confirm === true) this.#confirmed = true;
    } else if (this.#other !== undefined && equalBytes(hash, this.#other.hash)) {
      this.#pending = true;
    } else {
      return { err: { group: 1, rc: 8 } };
    }
    return this.#images();
  }

  #takeChunk(body: CborMap): CborMap {
    const { off, data, len, sha } = body;
    if (!(data instanceof Uint8Array) || typeof off !== 'number') return { rc: 3 };
    if (!this.#confirmed) return { err: { group: 1, rc: 9 } };
    if (off === 0 && sha instanceof Uint8Array) {
      const same = this.#upload !== undefined && equalBytes(this.#upload.sha, sha);
      if (!same) this.#upload = { sha, bytes: new Uint8Array(Number(len)), held: 0 };
    }
    const upload = this.#upload;
    if (upload === undefined) return { off: 0 };
    if (off === upload.held && off + data.length <= upload.bytes.length) {
      upload.bytes.set(data, off);
      upload.held += data.length;
      if (upload.held === upload.bytes.length) this.#other = slotOf(upload.bytes);
    }
    return { off: upload.held };
  }

  #vendor(command: number, body: CborMap): CborMap {
    const { infer = sumScores } = this.#options;
    if (command === 0) return this.#info();
    if (command === 1) return this.#takeAudio(body);
    if (command !== 3) return { rc: 8 };
    const seed = Number(body.seed);
    return {
      ...{ done: true, seed, run: body.run, hash: new Uint8Array(32), cls: 0 },
      ...{ scores: infer(benchWindow(seed, 1000), this.#running.bytes), ticks: 1000, uj: 0 },
      ...{ src: 'none', arena: 1, stack: 1, clk: 25_000_000, unit: 'instructions' },
    };
  }

  #info(): CborMap {
    return {
      ...{
        v: 1,
        mode: 'app',
        board: this.#options.kind ?? 'fake',
        core: 'cortex-m4',
        sn: this.#options.serial ?? '00ff',
        clk: 25_000_000,
      },
      ...{
        unit: 'instructions',
        buf: this.#bufferBytes,
        boot: '1.0.0',
        ctr: this.#options.counter ?? 0,
        fw: '1.0.0.0',
      },
      refused: this.#refused,
      ...{ boots: this.boots, reset: 'software', model: 'sum', kind: 'int8' },
      ...{ hash: new Uint8Array(32), rate: 20_000, window: 1000, classes: 2, scale: 1 },
      ...{ arena: 1, stack: 1 },
    };
  }

  #takeAudio(body: CborMap): CborMap {
    const { win, off, data } = body;
    if (!(data instanceof Uint8Array) || typeof off !== 'number') return { rc: 3 };
    if (this.#window?.id !== win && off === 0) this.#window = { id: Number(win), held: 0 };
    if (this.#window?.id !== win) return { win, off: 0 };
    if (off === this.#window?.held) this.#window.held += data.length;
    return { win, off: this.#window?.held ?? 0 };
  }
}

function slotOf(bytes: Uint8Array): Slot {
  const image = parseImage(bytes);
  const hash = image.ok ? imageHash(image.value) : undefined;
  return { bytes, hash: hash ?? createHash('sha256').update(bytes).digest() };
}
