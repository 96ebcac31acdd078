import { z } from 'zod';
import {
  accuracy,
  at,
  audio,
  boardClassification,
  boardFirmware,
  boardStatus,
  classification,
  comparison,
  detection,
  energySchema,
  gatewayFirmware,
  labelCommand,
  networkCommand,
  perNetwork,
  pushCommand,
  reply,
  spread,
  statistics,
  status,
} from './payloads.ts';

/**
 * Every topic below `<base>/<gateway>/`, its payload and how it is kept: the one place where they are written.
 * An *event* happened once: it goes through the outbox, at least once, in order, and `id` stays the same however often
 * it is sent. A *state* holds now: it is retained, and only the latest is sent. A *command* is for the gateway.
 */

interface Topic<S extends z.ZodType, K extends 'event' | 'state' | 'command'> {
  readonly kind: K;
  readonly schema: S;
  readonly summary: string;
}

function event<S extends z.ZodType>(schema: S, summary: string): Topic<S, 'event'> {
  return { kind: 'event', schema, summary };
}

function state<S extends z.ZodType>(schema: S, summary: string): Topic<S, 'state'> {
  return { kind: 'state', schema, summary };
}

function command<S extends z.ZodType>(schema: S, summary: string): Topic<S, 'command'> {
  return { kind: 'command', schema, summary };
}

/** Topic names below `<base>/<gateway>/`; `{board}` and `{network}` stand for one level. */
export const topics = {
  status: state(status, 'Whether the gateway runs; "offline" is its last will.'),
  audio: state(audio, 'State of the microphone, or of the clips.'),
  'classification/{network}': event(
    classification,
    'Class and confidence of a window, by a network on the gateway.',
  ),
  comparison: event(
    comparison,
    'Two networks on one window, side by side: one message for each pair that is compared.',
  ),
  detection: event(detection, 'A class that passed threshold, debounce and cool-down.'),
  accuracy: state(accuracy, 'How often the networks are right, where the truth is known.'),
  latency: state(z.object({ at, networks: perNetwork(spread) }), 'Time of an inference.'),
  energy: state(
    z.object({ at, networks: perNetwork(energySchema) }),
    'Energy of an inference, with its source.',
  ),
  firmware: state(gatewayFirmware, 'What the gateway runs.'),
  statistics: state(statistics, 'Counters of the gateway.'),
  'board/{board}/status': state(boardStatus, 'Whether a board answers.'),
  'board/{board}/classification': event(
    boardClassification,
    'Class and confidence of a window, by the network on a board.',
  ),
  'board/{board}/latency': state(
    spread.extend({ at, model: z.string() }),
    'Ticks of an inference of the network that the board runs.',
  ),
  'board/{board}/energy': state(
    z.object({ at, energy: energySchema }),
    'Energy of an inference on the board, with its source.',
  ),
  'board/{board}/firmware': state(boardFirmware, 'What a board runs and should run.'),
  reply: event(reply, 'Answer to a command.'),
  'command/push': command(pushCommand, 'Push the configured (or this) network to a board.'),
  'command/network': command(networkCommand, 'Configure which network a board runs; pushes it.'),
  'command/label': command(
    labelCommand,
    'Say what a recent window was, by a class of the networks; counts in accuracy.',
  ),
} as const;

export type TopicName = keyof typeof topics;
type OfKind<K extends string> = {
  [N in TopicName]: (typeof topics)[N]['kind'] extends K ? N : never;
}[TopicName];
export type EventName = OfKind<'event'>;
export type StateName = OfKind<'state'>;
export type CommandName = OfKind<'command'>;
/** The payload of a topic. */
export type Payload<N extends TopicName> = z.infer<(typeof topics)[N]['schema']>;

/** What `{board}` and `{network}` stand for in one address. */
export type Places = Readonly<Record<string, string>>;

/** The names of all topics. */
export const topicNames = Object.keys(topics) as readonly TopicName[];

/** The full topic: base, gateway and name with its places filled in. */
export function topicOf(root: string, name: TopicName, places: Places = {}): string {
  return `${root}/${name.replaceAll(/\{(\w+)\}/g, (_, key: string) => levelOf(places[key] ?? '+'))}`;
}

/** One level of a topic, or `+` for any. @throws Error where a name would be several, or a filter */
function levelOf(name: string): string {
  if (name === '+' || /^[^+#/\p{Cc}]+$/u.test(name)) return name;
  throw new Error(`${JSON.stringify(name)} is not a level of a topic`);
}

/** The table of all topics, in Markdown. */
export function topicTable(): string {
  const rows = topicNames.map((name) => {
    const { kind, summary } = topics[name];
    return `| \`${name}\` | ${kind} | ${summary} |`;
  });
  return ['| topic | kind | what |', '|---|---|---|', ...rows].join('\n');
}
