/** A format, by a file's first bytes. */
export type Format =
  | { readonly kind: 'ogg' | 'flac' | 'wav' | 'mpeg' }
  /** What only ffmpeg decodes: its name for people, and that of ffmpeg's demuxer. */
  | { readonly kind: 'foreign'; readonly what: string; readonly demuxer: string }
  | { readonly kind: 'unknown' };

/** File name endings that are decoded without help. */
const NATIVE = ['.ogg', '.oga', '.flac', '.wav', '.wave', '.mp3', '.mp2'];
/** Those that ffmpeg decodes where it is installed. */
const WITH_FFMPEG = [
  ...['.m4a', '.mp4', '.aac', '.aif', '.aiff', '.aifc', '.opus', '.wma', '.caf', '.amr'],
  ...['.3gp', '.w64', '.webm', '.mka', '.au', '.wv', '.ape'],
];

/** File name endings of recordings. */
export const audioExtensions: readonly string[] = [...NATIVE, ...WITH_FFMPEG];

const foreign = (what: string, demuxer: string): Format => ({ kind: 'foreign', what, demuxer });

/** Text of first bytes, the offset where it stands, and the format. */
const MAGIC: readonly (readonly [text: string, at: number, format: Format])[] = [
  ['fLaC', 0, { kind: 'flac' }],
  ['RIFF', 0, { kind: 'wav' }],
  ['RIFX', 0, { kind: 'wav' }],
  ['RF64', 0, { kind: 'wav' }],
  ['ID3', 0, { kind: 'mpeg' }],
  ['ftyp', 4, foreign('M4A or MP4', 'mov')],
  ['FORM', 0, foreign('AIFF', 'aiff')],
  ['caff', 0, foreign('CAF', 'caf')],
  ['#!AMR', 0, foreign('AMR', 'amr')],
  ['riff', 0, foreign('Wave64', 'w64')],
  ['.snd', 0, foreign('AU', 'au')],
  ['wvpk', 0, foreign('WavPack', 'wv')],
  ['MAC ', 0, foreign("Monkey's Audio", 'ape')],
  ['\x30\x26\xb2\x75', 0, foreign('WMA', 'asf')],
  ['\x1a\x45\xdf\xa3', 0, foreign('WebM or Matroska', 'matroska')],
];

/** Tells a format by content, whatever the file is called. */
export function sniff(bytes: Uint8Array): Format {
  const head = String.fromCharCode(...bytes.subarray(0, 64));
  if (head.startsWith('OggS')) return oggFormat(head);
  const found = MAGIC.find(([text, at]) => head.startsWith(text, at));
  if (found !== undefined) return found[2];
  const [first = 0, second = 0] = bytes;
  if (first !== 0xff || (second & 0xe0) !== 0xe0) return { kind: 'unknown' };
  // Twelve bits of synchronisation; MPEG's layer, which is never 0, is where ADTS has 0.
  if ((second & 0xf6) === 0xf0) return foreign('AAC', 'aac');
  return (second & 0x06) === 0 ? { kind: 'unknown' } : { kind: 'mpeg' };
}

/** The first packet of an Ogg stream says what it is. */
function oggFormat(head: string): Format {
  if (head.includes('OpusHead')) return foreign('Opus', 'ogg');
  if (head.includes('Speex')) return foreign('Speex', 'ogg');
  if (head.includes('\x7fFLAC')) return foreign('FLAC in Ogg', 'ogg');
  return { kind: 'ogg' };
}
