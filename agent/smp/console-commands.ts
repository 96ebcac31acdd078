import { toHex } from '../../protocol/bytes.ts';
import { UserError } from '../base/errors.ts';
import type { Board } from './board.ts';

type Run = (argument: string, signal: AbortSignal) => Promise<unknown>;

/** What a person may ask of a board by hand; answers are text. */
export class ConsoleCommands {
  readonly #commands: ReadonlyMap<string, Run>;

  constructor(board: Board) {
    this.#commands = new Map<string, Run>([
      ['info', (_, signal) => board.info(signal)],
      ['images', (_, signal) => board.images(signal)],
      ['stats', (_, signal) => board.stats(signal)],
      ['labels', (_, signal) => board.labels(signal)],
      ['results', (from, signal) => board.results(wholeNumber(from || '0'), signal)],
      ['bench', (seed, signal) => board.bench(wholeNumber(seed || '1'), Date.now() >>> 0, signal)],
      ['echo', (text, signal) => board.echo(text, signal)],
      ['reset', (_, signal) => board.reset(signal)],
    ]);
  }

  get names(): readonly string[] {
    return [...this.#commands.keys()];
  }

  /** Runs one line, e.g. `bench 42`. @throws UserError */
  async run(line: string, signal: AbortSignal): Promise<string> {
    const [name = '', ...rest] = line.split(/\s+/);
    const command = this.#commands.get(name);
    if (command === undefined) {
      throw new UserError('usage', `there is no "${name}"`, {
        hint: `type ${this.names.join(', ')}`,
      });
    }
    const answer = await command(rest.join(' '), signal);
    return answer === undefined ? 'done' : JSON.stringify(answer, readable, 2);
  }
}

/** Bytes as hex, so that hashes can be compared by eye. */
function readable(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? toHex(value) : value;
}

function wholeNumber(text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new UserError('usage', `"${text}" is not a whole number`);
}
