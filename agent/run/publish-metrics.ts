import type { Config } from '../config/schema.ts';
import type { Outbox } from '../publish/outbox.ts';
import type { Publisher } from '../publish/publisher.ts';
import type { AudioPipeline } from './audio-pipeline.ts';
import type { Boards } from './boards.ts';
import type { Comparer } from './comparer.ts';
import type { Metrics } from './metrics.ts';

export interface Counted {
  readonly publisher: Publisher;
  readonly outbox: Outbox;
  readonly metrics: Metrics;
  readonly comparer: Comparer;
  readonly pipeline: AudioPipeline;
  readonly boards: Boards;
}

/** Publishes the counters, and latency, energy and accuracy once a window was classified. */
export function publishMetrics(
  { publisher, outbox, metrics, pipeline, boards }: Counted,
  at: string,
  note: string,
): void {
  const { waiting, dropped, lost } = outbox.state;
  const { sent, refusedBy, retried, links } = publisher.counters;
  publisher.state('statistics', {
    at,
    windows: metrics.windows,
    droppedWindows: boards.dropped,
    audioRestarts: pipeline.restarts,
    outboxWaiting: waiting,
    outboxDropped: dropped,
    outboxLost: lost,
    sent,
    refused: refusedBy,
    retried,
    reconnects: Math.max(0, links - 1),
    rssBytes: process.memoryUsage.rss(),
  });
  if (metrics.windows === 0) return;
  publisher.state('latency', { at, networks: metrics.latency() });
  publisher.state('energy', { at, networks: metrics.energy() });
  publisher.state('accuracy', { at, ...metrics.accuracy(), note });
}

/** What the accuracy on this audio does and does not say. */
export function accuracyNote({ source, clips }: Config['audio']): string {
  return source === 'clips' && clips === undefined
    ? 'The networks were trained on these clips: the figure says that the program works, not how well they know new sounds.'
    : 'Counted over windows and clips whose label is known.';
}
