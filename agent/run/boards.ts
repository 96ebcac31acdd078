import type { NetworkKind } from '../../protocol/topics.ts';
import { boardName } from '../config/board-name.ts';
import type { ConfiguredBoard } from '../config/load.ts';
import { boardContext } from '../firmware/context.ts';
import type { BoardIdentity } from '../publish/home-assistant.ts';
import type { Publisher } from '../publish/publisher.ts';
import { cacheFolder } from '../root.ts';
import { BoardKeeper } from './board-keeper.ts';
import type { BoardTotals } from './board-reporter.ts';
import type { Heard } from './classifier.ts';
import type { Networks } from './networks.ts';
import type { Screen } from './screen.ts';

export interface BoardsOptions {
  readonly boards: readonly ConfiguredBoard[];
  readonly gateway: string;
  readonly stateDir: string;
  readonly networks: Networks;
  /** The network of boards that are configured for the best. */
  readonly best: NetworkKind;
  readonly publisher: Publisher;
  readonly onKnown: (board: BoardIdentity) => void;
  readonly log: Screen['log'];
  readonly task: Screen['task'];
  readonly now: () => number;
  /** ms that never jump. */
  readonly monotonic: () => number;
}

/** All configured boards, each kept by itself: one that fails keeps no other waiting. */
export class Boards {
  readonly #keepers: readonly BoardKeeper[];
  readonly #networks: Networks;
  readonly #stop = new AbortController();

  constructor(options: BoardsOptions) {
    const { boards, stateDir, log } = options;
    this.#networks = options.networks;
    const context = boardContext({ stateDir, cache: cacheFolder() }, log);
    this.#keepers = boards.map((board) => {
      const name = boardName(board);
      const onKnown = (core: string) => options.onKnown({ name, core });
      return new BoardKeeper({ ...options, board, name, context, onKnown });
    });
  }

  /** Whether a network of this kind runs here, so that it can be pushed. */
  knows(kind: NetworkKind): boolean {
    return this.#networks[kind] !== undefined;
  }

  /** Windows that boards had no time for. */
  get dropped(): number {
    return this.#keepers.reduce((sum, keeper) => sum + keeper.dropped, 0);
  }

  /** Each board by its name, what it has done, and the windows it had no time for. */
  get totals(): readonly (BoardTotals & { readonly name: string; readonly dropped: number })[] {
    return this.#keepers.map(({ name, dropped, totals }) => ({ name, dropped, ...totals }));
  }

  start(): void {
    for (const keeper of this.#keepers) keeper.start(this.#stop.signal);
  }

  /** Lets all boards go. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#keepers.map((keeper) => keeper.stopped()));
  }

  offer(heard: Heard): void {
    for (const keeper of this.#keepers) keeper.offer(heard);
  }

  named(name: string): BoardKeeper | undefined {
    return this.#keepers.find((keeper) => keeper.name === name);
  }
}
