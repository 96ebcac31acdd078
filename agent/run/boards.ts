import { cacheFolder } from '../base/root.ts';
import { boardName } from '../config/board-name.ts';
import type { ConfiguredBoard } from '../config/load.ts';
import { boardContext } from '../firmware/context.ts';
import type { BoardIdentity } from '../publish/home-assistant/board.ts';
import { BoardKeeper, type KeepingOptions } from './board-keeper.ts';
import type { BoardTotals } from './board-reporter.ts';
import type { NamedModel } from './network.ts';
import type { WindowResult } from './window-result.ts';

/** A board, and the network that it should run. */
export interface WantedBoard {
  readonly board: ConfiguredBoard;
  readonly network: NamedModel;
}

export interface BoardsOptions extends KeepingOptions {
  readonly stateDir: string;
  readonly onKnown: (board: BoardIdentity) => void;
}

/** A board that is kept, until its own signal aborts. */
interface Kept {
  readonly wanted: WantedBoard;
  readonly keeper: BoardKeeper;
  readonly release: AbortController;
}

/** All configured boards, each served on its own: one that fails delays no other. */
export class Boards {
  readonly #options: BoardsOptions;
  #kept: readonly Kept[] = [];
  #stopped = false;

  constructor(options: BoardsOptions) {
    this.#options = options;
  }

  /** Windows that boards had no time for. */
  get dropped(): number {
    return this.#kept.reduce((sum, { keeper }) => sum + keeper.dropped, 0);
  }

  /** How many there are, and how many answer. */
  get online(): { readonly online: number; readonly all: number } {
    const online = this.#kept.filter(({ keeper }) => keeper.isOnline).length;
    return { online, all: this.#kept.length };
  }

  /** Each board by its name, what it has done, and the windows it had no time for. */
  get totals(): readonly (BoardTotals & { readonly name: string; readonly dropped: number })[] {
    return this.#kept.map(({ keeper: { name, dropped, totals } }) => ({
      name,
      dropped,
      ...totals,
    }));
  }

  /** Keeps these boards from now on: lets others go, then takes new ones, and brings other networks where they changed. */
  async keep(boards: readonly WantedBoard[], networks: readonly NamedModel[]): Promise<void> {
    const stays = ({ wanted }: Kept) => boards.some(({ board }) => isSame(board, wanted.board));
    const gone = this.#kept.filter((each) => !stays(each));
    this.#kept = this.#kept.filter(stays);
    for (const { keeper } of gone) keeper.dismiss();
    await letGo(gone); // a new one may be at the same port
    if (this.#stopped) return;
    this.#kept = boards.map((wanted) => {
      const kept = this.#kept.find((each) => isSame(each.wanted.board, wanted.board));
      return kept === undefined ? this.#take(wanted) : follow(kept, wanted, networks);
    });
  }

  /** Lets all boards go. */
  stop(): Promise<void> {
    this.#stopped = true;
    return letGo(this.#kept);
  }

  offer(result: WindowResult): void {
    for (const { keeper } of this.#kept) keeper.offer(result);
  }

  named(name: string): BoardKeeper | undefined {
    return this.#kept.find(({ keeper }) => keeper.name === name)?.keeper;
  }

  #take(wanted: WantedBoard): Kept {
    const { stateDir, log } = this.#options;
    const { board, network } = wanted;
    const name = boardName(board);
    const onKnown = (core: string) => this.#options.onKnown({ name, core });
    const context = boardContext({ stateDir, cache: cacheFolder() }, log);
    const keeper = new BoardKeeper({ ...this.#options, board, network, name, context, onKnown });
    const release = new AbortController();
    keeper.start(release.signal);
    return { wanted, keeper, release };
  }
}

/** Whether it is the same board, spoken to in the same way, whatever it should run. */
function isSame(a: ConfiguredBoard, b: ConfiguredBoard): boolean {
  return a.id === b.id && boardName(a) === boardName(b) && a.framing === b.framing;
}

/** A board that stays: what it was told to run by command counts until the configuration says something else. */
function follow(kept: Kept, wanted: WantedBoard, networks: readonly NamedModel[]): Kept {
  const { keeper, wanted: before } = kept;
  const isCommanded = keeper.network !== before.network;
  const commanded =
    isCommanded && before.board.network === wanted.board.network
      ? networks.find(({ name }) => name === keeper.network.name)
      : undefined;
  const network = commanded ?? wanted.network;
  if (network !== keeper.network) keeper.push(network);
  return { ...kept, wanted };
}

async function letGo(boards: readonly Kept[]): Promise<void> {
  for (const { release } of boards) release.abort();
  await Promise.all(boards.map(({ keeper }) => keeper.stopped()));
}
