import { styleText } from 'node:util';

export type Tone = 'strong' | 'quiet' | 'good' | 'bad' | 'notice';

const FORMATS: Readonly<Record<Tone, Parameters<typeof styleText>[0]>> = {
  strong: 'bold',
  quiet: 'dim',
  good: 'green',
  bad: ['bold', 'red'],
  notice: 'yellow',
};

export type Paint = (tone: Tone, text: string) => string;

/** Whether a stream shows colours: a terminal does, unless NO_COLOR or FORCE_COLOR say otherwise (no-color.org). */
export function showsColour(
  stream: { readonly isTTY?: boolean },
  env: NodeJS.ProcessEnv = process.env,
): boolean {
  const { NO_COLOR = '', FORCE_COLOR, TERM } = env;
  if (NO_COLOR !== '' || FORCE_COLOR === '0' || FORCE_COLOR === 'false') return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return true;
  return stream.isTTY === true && TERM !== 'dumb';
}

export function painter(colour: boolean): Paint {
  return colour
    ? (tone, text) => styleText(FORMATS[tone], text, { validateStream: false })
    : (_, text) => text;
}
