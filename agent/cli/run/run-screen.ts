import { printable } from '../../../protocol/printable.ts';
import type { LineTone, Screen, Task } from '../../run/screen.ts';
import { lineOf } from '../../run/window-line.ts';
import { painter, showsColour } from '../terminal/colour.ts';
import { LiveLines, type Terminal } from '../terminal/live.ts';
import { movingLine } from '../terminal/moving-line.ts';
import { reportSoFar } from '../terminal/so-far.ts';
import { wrapTo } from '../terminal/width.ts';
import { WindowTable } from './window-table.ts';

export interface ScreenOptions {
  readonly out: Terminal & { readonly isTTY?: boolean };
  readonly env: NodeJS.ProcessEnv;
  /** ms since 1970. */
  readonly now: () => number;
}

/** Between two pictures of the lines that move. */
const DRAW_MS = 200;

/**
 * What `otolith run` shows: on a terminal columns, colours and lines that move; elsewhere, as in a journal or a file, plain
 * lines and few of them.
 */
export function runScreen(options: ScreenOptions): Screen {
  const { out, env, now } = options;
  const paint = painter(showsColour(out, env));
  const stamp = () => new Date(now()).toTimeString().slice(0, 8);
  const isTerminal = out.isTTY === true && env.TERM !== 'dumb';
  /** The journal stamps its own. */
  const time = () => (env.JOURNAL_STREAM === undefined ? stamp() : '');
  const styled = (line: string, tone: LineTone = 'plain') => {
    const gap = isTerminal ? '  ' : ' ';
    const before = time() === '' ? '' : time() + gap;
    const columns = isTerminal ? (out.columns ?? 80) : Number.POSITIVE_INFINITY;
    const [first = '', ...rest] = wrapTo(printable(line), columns - before.length, 2);
    const [, source = '', text = ''] = /^([^\s:]{1,64}: )?(.*)$/s.exec(first) ?? [];
    const toned = (words: string) => (tone === 'plain' ? words : paint(tone, words));
    const margin = ' '.repeat(before.length);
    const head = `${paint('quiet', before)}${paint('strong', source)}${toned(text)}`;
    return [head, ...rest.map((words) => margin + toned(words))].join('\n');
  };
  if (!isTerminal) return plainScreen(out, styled);
  const live = new LiveLines(out);
  const log: Screen['log'] = (line, tone) => live.print(styled(line, tone));
  const table = new WindowTable(paint);
  return {
    log,
    window: (result) => {
      for (const line of table.lines(result, stamp(), out.columns ?? 80)) live.print(line);
    },
    task: (name, doing, sinceMs = 0) =>
      liveTask(live, { log, now, paint }, { name, doing, begun: now() - sinceMs }),
  };
}

function plainScreen(out: Terminal, styled: (line: string, tone?: LineTone) => string): Screen {
  const log: Screen['log'] = (line, tone) => void out.write(`${styled(line, tone)}\n`);
  return {
    log,
    window: (result) => log(lineOf(result)),
    task: (name, doing, sinceMs) => {
      log(`${name}: ${doing}`);
      let now = doing;
      const stop = reportSoFar((seconds) => log(`${name}: ${now}, ${seconds} s so far`), sinceMs);
      return {
        update: (next, share) => {
          now = share === undefined ? next : `${next} ${Math.floor(100 * share)} %`;
        },
        end: (line, tone) => {
          stop();
          if (line !== undefined) log(line, tone);
        },
      };
    },
  };
}

function liveTask(
  live: LiveLines,
  show: Pick<Screen, 'log'> & Pick<ScreenOptions, 'now'> & Parameters<typeof movingLine>[0],
  {
    name,
    begun,
    ...first
  }: { readonly name: string; readonly doing: string; readonly begun: number },
): Task {
  const key = {};
  let state: { readonly doing: string; readonly share?: number | undefined } = first;
  const line = (columns: number) =>
    movingLine(show, { ...state, name, ms: show.now() - begun }, columns);
  live.set(key, line);
  live.draw();
  const timer = setInterval(() => live.draw(), DRAW_MS);
  timer.unref();
  return {
    update: (next, share) => {
      state = { doing: next, share };
    },
    end: (text, tone) => {
      clearInterval(timer);
      live.set(key, undefined);
      if (text === undefined) live.draw();
      else show.log(text, tone);
    },
  };
}
