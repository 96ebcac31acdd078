import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { reasonOf } from '../../base/errors.ts';
import type { Publisher } from '../publisher.ts';
import { type BoardIdentity, boardTopic, discoverBoard } from './board.ts';
import type { GatewayIdentity } from './device.ts';
import { type Announced, discoverGateway, type Platforms } from './gateway.ts';

const knownSchema = z.object({
  /** Components of the gateway's device: those it has, and those that are withdrawn. */
  gateway: z.record(z.string(), z.string()),
  /** Names of the boards that were announced. */
  boards: z.array(z.string()),
});
type Known = z.infer<typeof knownSchema>;

/** What gateways announced before networks had names of their own. */
const FORMER: Platforms = Object.fromEntries([
  ...['int8', 'xnor'].flatMap((network) =>
    ['sound', 'confidence', 'latency', 'energy'].map((what) => [`${network}_${what}`, 'sensor']),
  ),
  ['agreement', 'sensor'],
]);

/** Withdrawn components that are remembered; a broker and Home Assistant have seen them long before. */
const REMEMBERED = 200;

export interface AnnouncerOptions {
  readonly identity: GatewayIdentity;
  readonly stateDir: string;
  /** Whether an earlier run, of whatever version, has used the state folder. */
  readonly hasRunBefore: boolean;
  readonly publisher: Pick<Publisher, 'announce'>;
  readonly write: (path: string, text: string) => Promise<void>;
  readonly log: (line: string) => void;
}

/**
 * Announces gateway and boards to Home Assistant, and withdraws what is no longer configured: also what an earlier run
 * announced, which a file in the state folder remembers.
 */
export class Announcer {
  readonly #options: AnnouncerOptions;
  readonly #path: string;
  #known: Known;
  #saving = Promise.resolve();

  constructor(options: AnnouncerOptions) {
    this.#options = options;
    this.#known = { gateway: options.hasRunBefore ? FORMER : {}, boards: [] };
    this.#path = join(options.stateDir, 'home-assistant.json');
  }

  /** Reads what was announced before. Where a run without that file came before, it was of a version that had no names. */
  async open(): Promise<void> {
    const text = await readFile(this.#path, 'utf8').catch(() => undefined);
    if (text === undefined) return;
    try {
      this.#known = knownSchema.parse(JSON.parse(text));
    } catch {
      this.#options.log(`home assistant: ${this.#path} is damaged, and written again`);
    }
  }

  /** The gateway with these networks, and these boards and no others. */
  gateway(announced: Announced, boards: readonly string[]): void {
    const { identity, publisher } = this.#options;
    const { topic, payload, platforms } = discoverGateway(identity, announced, this.#known.gateway);
    publisher.announce({ topic, payload });
    for (const name of this.#known.boards) {
      if (boards.includes(name)) continue;
      publisher.announce({ topic: boardTopic(identity, name), payload: '' });
    }
    this.#remember({
      gateway: Object.fromEntries(Object.entries(platforms).slice(-REMEMBERED)),
      boards: this.#known.boards.filter((name) => boards.includes(name)),
    });
  }

  /** A board that has said what it is. */
  board(board: BoardIdentity): void {
    const { identity, publisher } = this.#options;
    publisher.announce(discoverBoard(identity, board));
    if (this.#known.boards.includes(board.name)) return;
    this.#remember({ ...this.#known, boards: [...this.#known.boards, board.name] });
  }

  /** Resolves when what is known is on disk, or cannot be. */
  close(): Promise<void> {
    return this.#saving;
  }

  #remember(known: Known): void {
    this.#known = known;
    const { write, log } = this.#options;
    const text = JSON.stringify(known);
    this.#saving = this.#saving
      .then(() => write(this.#path, text))
      .catch((error: unknown) => log(`home assistant: ${reasonOf(error)}`));
  }
}
