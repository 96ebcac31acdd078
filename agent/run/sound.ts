import type { Publisher } from '../publish/publisher.ts';
import type { AudioPipeline, PipelineEvent } from './audio-pipeline.ts';
import type { Boards } from './boards.ts';
import type { Classifier } from './classifier.ts';
import type { Comparer } from './comparer.ts';
import type { Detector } from './detector.ts';
import type { Metrics } from './metrics.ts';
import { persist } from './persist.ts';
import { publishWindow } from './publish-window.ts';
import type { Screen } from './screen.ts';

/** What a sound passes on its way, in order. */
export interface SoundPath {
  readonly pipeline: AudioPipeline;
  readonly classifier: Classifier;
  readonly comparer: Comparer;
  readonly detector: Detector;
  readonly metrics: Metrics;
  readonly screen: Pick<Screen, 'log' | 'window'>;
  readonly boards: Pick<Boards, 'offer'>;
  readonly publisher: Pick<Publisher, 'event' | 'state'>;
  /** The gateway's name, with which message ids begin. */
  readonly gateway: string;
  /** Unique to this run of the program; window ids begin with it. */
  readonly run: string;
  /** ms since 1970. */
  readonly now: () => number;
  /** ms that never jump. */
  readonly monotonic: () => number;
}

/** Listens until the audio ends or the signal aborts; after a failure it goes on with a pause. */
export function hear(path: SoundPath, signal: AbortSignal): Promise<void> {
  const onFailure = (reason: string): void => {
    between(path, { kind: 'gap' });
    between(path, { kind: 'state', state: 'offline', reason });
  };
  const { monotonic } = path;
  return persist(() => hearWindows(path, signal), { signal, onFailure, monotonic });
}

/** The journey of a sound: every window is classified, compared, looked at for a detection, and published. */
async function hearWindows(path: SoundPath, signal: AbortSignal): Promise<void> {
  const { pipeline, classifier, comparer, detector, metrics, screen, boards, publisher } = path;
  for await (const event of pipeline.events(signal)) {
    if (event.kind !== 'window') {
      between(path, event);
      continue;
    }
    const { window } = event;
    const id = `${path.run}-${metrics.windows}`;
    const results = classifier.classify(window);
    const comparisons = comparer.compare(results);
    const detection = detector.detect(results, window.at);
    const result = { id, window, results, comparisons, detection };
    metrics.count(result);
    screen.window(result);
    boards.offer(result);
    await publishWindow(publisher, path.gateway, result);
  }
}

/** What happens between windows: the audio is interrupted, a clip ends, the source is in another state. */
function between(path: SoundPath, event: Exclude<PipelineEvent, { kind: 'window' }>): void {
  const { pipeline, detector, metrics, screen, publisher, now } = path;
  switch (event.kind) {
    case 'gap':
      detector.interrupt();
      if (event.reason !== undefined) screen.log(`audio: ${event.reason}`);
      break;
    case 'clip-end':
      detector.interrupt();
      metrics.endClip(event.clip);
      break;
    case 'state': {
      const { state, reason } = event;
      const source = pipeline.sourceName;
      const at = new Date(now()).toISOString();
      const why = reason === undefined ? {} : { reason };
      publisher.state('audio', { at, state, source, ...why });
      const words = reason === undefined ? state : `${state} (${reason})`;
      metrics.noteAudio(words);
      screen.log(`audio: ${words}, ${source}`);
      break;
    }
  }
}
