import { open } from 'node:fs/promises';
import { reasonOf, UserError } from '../base/errors.ts';

/** More than any configuration needs, and read in a second or two. */
const MOST_BYTES = 1 << 20;

/** The bytes of a file or pipe, at most `MOST_BYTES` + 1; undefined where there is none. */
async function readBounded(file: string): Promise<Buffer | undefined> {
  const handle = await open(file, 'r').catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw cause;
  });
  if (handle === undefined) return undefined;
  try {
    const buffer = Buffer.alloc(MOST_BYTES + 1);
    let filled = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled);
      filled += bytesRead;
      if (bytesRead === 0 || filled === buffer.length) return buffer.subarray(0, filled);
    }
  } finally {
    await handle.close();
  }
}

/** What a file begins with that is text, but not in UTF-8. */
function encodingOf(bytes: Uint8Array): string | undefined {
  const [a, b] = bytes;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) return 'UTF-16';
  // Without a mark: every second byte of plain English is 0.
  if (bytes.length >= 4 && (a === 0) !== (b === 0) && bytes[a === 0 ? 2 : 3] === 0) return 'UTF-16';
  return undefined;
}

/** The text of a configuration. @throws UserError `config` where it is something else. */
function decodeConfig(bytes: Uint8Array, file: string): string {
  const refuse = (what: string, hint: string): never => {
    throw new UserError('config', `${file} ${what}`, { hint });
  };
  if (bytes.length > MOST_BYTES) {
    refuse(
      'is larger than 1 MiB',
      'that is no configuration; see `otolith config schema --markdown`',
    );
  }
  const encoding = encodingOf(bytes);
  if (encoding !== undefined) refuse(`is written in ${encoding}`, 'save it as UTF-8');
  const control = bytes.findIndex((byte) => byte < 0x20 && ![0x09, 0x0a, 0x0d].includes(byte));
  if (control >= 0) {
    const line = bytes.subarray(0, control).filter((byte) => byte === 0x0a).length + 1;
    const byte = `0x${(bytes[control] ?? 0).toString(16).padStart(2, '0')}`;
    refuse(`is no text: line ${line} holds a byte ${byte}`, 'name a YAML file, saved as UTF-8');
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refuse('is not written in UTF-8', 'save it as UTF-8');
  }
}

/** The text of a configuration file; undefined where there is no such file. @throws UserError `config` */
export async function readConfigText(file: string): Promise<string | undefined> {
  const bytes = await readBounded(file).catch((cause: unknown) => {
    throw new UserError('config', `${file} cannot be read (${reasonOf(cause)})`, {
      hint: 'name a file that this user may read',
      cause,
    });
  });
  return bytes === undefined ? undefined : decodeConfig(bytes, file);
}
