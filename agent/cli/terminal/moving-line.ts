import { printable } from '../../../protocol/printable.ts';
import type { Paint } from './colour.ts';
import { cutTo } from './width.ts';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 200;
const BAR = 20;

/** What a moving line says. */
export interface Moving {
  readonly name: string;
  readonly doing: string;
  /** 0 to 1, where it is known. */
  readonly share?: number | undefined;
  /** Since it began. */
  readonly ms: number;
}

/** `⠹ kitchen: uploading ████████░░░░░░░░░░░░ 41 % 7 s`, in at most so many columns. */
export function movingLine(
  { paint }: { readonly paint: Paint },
  { name, doing, share, ms }: Moving,
  columns: number,
): string {
  const frame = FRAMES[Math.floor(ms / FRAME_MS) % FRAMES.length] ?? '';
  const done = share === undefined ? '' : ` ${bar(share)} ${Math.floor(100 * share)} %`;
  const end = `${done} ${Math.round(ms / 1000)} s`;
  const text = cutTo(`${printable(name)}: ${printable(doing)}`, columns - end.length - 2);
  return cutTo(`${frame} ${text}`, columns) + (text === '' ? '' : paint('quiet', end));
}

function bar(share: number): string {
  const full = Math.round(BAR * Math.min(1, Math.max(0, share)));
  return '█'.repeat(full) + '░'.repeat(BAR - full);
}
