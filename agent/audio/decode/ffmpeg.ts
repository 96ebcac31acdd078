import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { UserError } from '../../base/errors.ts';
import type { Foreign, Recording } from './recording.ts';
import { decodeWavSamples } from './wav.ts';
import { readWavFile } from './wav-file.ts';

/** Whether ffmpeg is installed: what can be decoded depends on it. */
export async function hasFfmpeg(path = process.env.PATH ?? ''): Promise<boolean> {
  const tries = path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => access(join(folder, 'ffmpeg'), constants.X_OK));
  return Promise.any(tries).then(
    () => true,
    () => false,
  );
}

const TIMEOUT_MS = 60_000;
/** Of decoded samples: 23 minutes of stereo at 48 kHz. */
const MAX_BYTES = 512 << 20;

/**
 * Decodes with ffmpeg what nothing else here decodes. It reads the bytes alone: the demuxer is given and no protocol but
 * the pipe allowed, so that a file cannot name others to read.
 * @throws UserError `audio-decode` where ffmpeg is not installed; Error with its words where it fails.
 */
export async function decodeForeign(
  bytes: Uint8Array,
  format: Pick<Foreign, 'message' | 'demuxer'>,
  program: string,
): Promise<Recording> {
  const args = [
    ...['-nostdin', '-v', 'error', '-protocol_whitelist', 'cache,pipe'],
    ...['-f', format.demuxer, '-i', 'cache:pipe:0'],
    ...['-map', '0:a:0', '-c:a', 'pcm_f32le', '-f', 'wav', 'pipe:1'],
  ];
  const wav = await run(program, args, bytes, format.message);
  return decodeWavSamples(readWavFile(wav));
}

function run(program: string, args: string[], input: Uint8Array, what: string): Promise<Buffer> {
  const options = { encoding: 'buffer', timeout: TIMEOUT_MS, maxBuffer: MAX_BYTES } as const;
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      args,
      { ...options, killSignal: 'SIGKILL' },
      (error, out, err) => {
        if (error === null) resolve(out);
        else reject(failure(error, err.toString('utf8'), what));
      },
    );
    // A program that ends before it has read everything says so by its exit code.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

function failure(error: Error & { code?: unknown; killed?: boolean }, said: string, what: string) {
  if (error.code === 'ENOENT') {
    return new UserError(
      'audio-decode',
      `${what} needs ffmpeg, which is not installed: sudo apt-get install ffmpeg`,
      {
        hint: 'install it, or convert the file to WAV, FLAC, Ogg Vorbis or MP3',
      },
    );
  }
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') {
    return new Error(`${what}: it is longer than ${MAX_BYTES >> 20} MB of samples`);
  }
  if (error.killed) return new Error(`ffmpeg took over ${TIMEOUT_MS / 1000} s`);
  const [line = 'no reason given'] = said.trim().split('\n').reverse();
  return new Error(`${what}: ffmpeg says: ${line}`);
}
