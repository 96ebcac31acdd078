import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Outbox } from '../../agent/publish/outbox.ts';
import { Publisher, type PublisherOptions } from '../../agent/publish/publisher.ts';
import type { ReceivedCommand } from '../../protocol/commands.ts';
import type { Payload } from '../../protocol/topics.ts';

export const ROOT = 'otolith/attic';

export interface Rig {
  readonly outbox: Outbox;
  readonly publisher: Publisher;
  readonly commands: ReceivedCommand[];
  readonly links: string[];
}

type LinkChanges = Partial<PublisherOptions['link']>;
type Changes = Partial<Pick<PublisherOptions, 'pace' | 'births' | 'inFlight' | 'random'>>;

/** Limits of a link and pauses between links so short that a test sees many of them. */
export const QUICK = {
  limits: { connectMs: 400, ackMs: 400, endMs: 100, calmMs: 50 },
  pace: {
    firstMs: 10,
    longestMs: 80,
    crowdedFirstMs: 50,
    crowdedLongestMs: 400,
    briefMs: 10_000,
    steadyMs: 10_000,
  },
  births: { waitMs: 20, gapMs: 100 },
} as const;

/** A publisher with its outbox in a directory of its own. */
export async function rig(
  url: string,
  link: LinkChanges = {},
  directory?: string,
  changes: Changes = {},
): Promise<Rig> {
  const outbox = new Outbox({
    directory: directory ?? (await mkdtemp(join(tmpdir(), 'otolith-outbox-'))),
    limits: { detections: 100_000, telemetry: 50_000 },
    retryMs: 50,
  });
  await outbox.open();
  const commands: ReceivedCommand[] = [];
  const links: string[] = [];
  const publisher = new Publisher({
    root: ROOT,
    version: '0.0.0',
    outbox,
    inFlight: 32,
    birthTopic: 'homeassistant/status',
    link: {
      url,
      version: 'auto',
      clientId: 'otolith-attic',
      keepAliveMs: 30_000,
      verify: true,
      ...link,
    },
    onCommand: (received) => commands.push(received),
    onLink: ({ text }) => links.push(text),
    now: Date.now,
    ...changes,
  });
  return { outbox, publisher, commands, links };
}

/** The n-th detection of a source; its number is its confidence and its class the source. */
export function detection(source: string, n: number): Payload<'detection'> {
  return {
    id: `${source}-${n}`,
    at: '2026-01-01T00:00:00.000Z',
    window: `w-${n}`,
    class: source,
    confidence: 0.9,
    network: 'int8',
    windows: 1,
  };
}

/** Ids in the order of their first arrival. */
export function firstArrivals(payloads: readonly string[]): readonly string[] {
  return [...new Set(payloads.map((payload) => String(JSON.parse(payload).id)))];
}
