import type { Config } from '../config/schema.ts';
import type { Outbox } from '../publish/outbox.ts';
import type { Publisher } from '../publish/publisher.ts';
import type { Boards } from './boards.ts';
import type { Ear } from './ear.ts';
import type { Listener } from './listener.ts';

export interface Counted {
  readonly publisher: Publisher;
  readonly outbox: Outbox;
  readonly listener: Listener;
  readonly ear: Ear;
  readonly boards: Boards;
}

/** Publishes the counters, and latency, energy and accuracy once a window was heard. */
export function tellStatistics(
  { publisher, outbox, listener, ear, boards }: Counted,
  at: string,
  note: string,
): void {
  const { waiting, dropped, lost } = outbox.state;
  const { sent, refusedBy, retried, links } = publisher.counters;
  publisher.state('statistics', {
    at,
    windows: listener.windows,
    droppedWindows: boards.dropped,
    audioRestarts: ear.restarts,
    outboxWaiting: waiting,
    outboxDropped: dropped,
    outboxLost: lost,
    sent,
    refused: refusedBy,
    retried,
    reconnects: Math.max(0, links - 1),
    rssBytes: process.memoryUsage.rss(),
  });
  if (listener.windows === 0) return;
  publisher.state('latency', { at, networks: listener.latency() });
  publisher.state('energy', { at, networks: listener.energy() });
  publisher.state('accuracy', { at, ...listener.accuracy(), note });
}

/** What the accuracy on this audio does and does not say. */
export function accuracyNote({ source, clips }: Config['audio']): string {
  return source === 'clips' && clips === undefined
    ? 'The networks were trained on these clips: the figure says that the program works, not how well they know new sounds.'
    : 'Counted over windows and clips whose label is known.';
}
