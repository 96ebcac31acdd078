import { printable } from '../../protocol/printable.ts';
import type { Counted } from './publish-metrics.ts';

export interface StatusOf {
  readonly metrics: Pick<Counted['metrics'], 'windows' | 'lastDetected' | 'audio'>;
  readonly publisher: Pick<Counted['publisher'], 'connected'>;
  readonly outbox: Pick<Counted['outbox'], 'state'>;
  readonly boards: Pick<Counted['boards'], 'online'>;
}

/** How a gateway is now, in one line, as `systemctl status` shows it. */
export function statusLine({ metrics, publisher, outbox, boards }: StatusOf): string {
  const { waiting } = outbox.state;
  const { online, all } = boards.online;
  const { lastDetected } = metrics;
  const parts = [
    `${metrics.windows} windows`,
    ...(lastDetected === undefined ? [] : [`last detected ${lastDetected}`]),
    `audio ${metrics.audio}`,
    `broker ${publisher.connected ? 'connected' : 'away'}${waiting === 0 ? '' : `, ${waiting} messages wait`}`,
    ...(all === 0 ? [] : [`${online} of ${all} ${all === 1 ? 'board' : 'boards'} online`]),
  ];
  return printable(parts.join('; '));
}
