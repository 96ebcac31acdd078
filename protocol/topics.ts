import { z } from 'zod';
import { plainText } from './plain-text.ts';

/**
 * Every topic below `<base>/<gateway>/`, its payload and how it is kept: the one place where they are written.
 * An *event* happened once: it goes through the outbox, at least once, in order, and `id` stays the same however often
 * it is sent. A *state* holds now: it is retained, and only the latest is sent. A *command* is for the gateway.
 */

const at = z.iso.datetime().meta({ description: 'When it happened (UTC).' });
const id = z.string().min(1).max(200).meta({
  description: 'The same in every repetition of this message: drop what was seen before.',
});
const windowId = plainText
  .min(1)
  .max(100)
  .meta({ description: 'The audio window that this is about; the same on gateway and boards.' });
const share = z.number().min(0).max(1);
const count = z.int().min(0);

export const networkKindSchema = z.enum(['int8', 'xnor']);
/** Which of the two networks that otolith compares. */
export type NetworkKind = z.infer<typeof networkKindSchema>;

export const latencySchema = z
  .object({ value: z.number().min(0), unit: z.enum(['ms', 'instructions', 'cycles']) })
  .meta({ description: 'Emulated boards count instructions: never milliseconds of silicon.' });

export const energySchema = z
  .discriminatedUnion('source', [
    z.object({ source: z.literal('measured'), uJ: z.number().min(0) }),
    z.object({ source: z.literal('estimated'), uJ: z.number().min(0) }),
    z.object({ source: z.literal('none') }),
  ])
  .meta({ description: 'Energy of one inference and where the figure comes from.' });

const clip = z
  .object({ file: z.string(), label: z.string().optional() })
  .meta({ description: 'The recording that played, where the source is clips.' });

const verdict = {
  class: z.string(),
  confidence: share,
  latency: latencySchema,
  energy: energySchema,
};

const verdictSchema = z.object(verdict);
/** What one network says of one window, and what it cost. */
export type Verdict = z.infer<typeof verdictSchema>;

const classification = z.object({
  id,
  at,
  window: windowId,
  network: networkKindSchema,
  model: z.string(),
  ...verdict,
  top: z
    .array(z.object({ class: z.string(), confidence: share }))
    .max(3)
    .meta({ description: 'The three likeliest classes.' }),
  clip: clip.optional(),
});

const boardClassification = classification.extend({
  board: z.string(),
  sequence: count.meta({ description: "Number of the record in the board's ring." }),
  boot: count.meta({ description: 'Boot count of the board.' }),
  sameAsGateway: z
    .boolean()
    .optional()
    .meta({ description: "Whether every integer score equals the gateway's for this window." }),
});

const accuracyOf = z.object({ correct: count, of: count });

const accuracy = z.object({
  at,
  windows: z.partialRecord(networkKindSchema, accuracyOf),
  clips: z
    .partialRecord(networkKindSchema, accuracyOf)
    .meta({ description: 'Whole clips: mean confidence over the windows of a clip.' }),
  note: z.string().meta({ description: 'What the figure does and does not say.' }),
});

const comparison = z.object({
  id,
  at,
  window: windowId,
  agree: z.boolean(),
  int8: verdictSchema,
  xnor: verdictSchema,
  label: z.string().optional(),
  agreement: share.meta({ description: 'Share of the last 100 windows on which the two agree.' }),
});

const detection = z.object({
  id,
  at,
  window: windowId,
  class: z.string(),
  confidence: share,
  network: z.enum(['int8', 'xnor', 'both']),
  windows: z.int().min(1).meta({ description: 'Windows in a row that said so.' }),
});

const spread = z.object({
  unit: latencySchema.shape.unit,
  median: z.number(),
  p95: z.number(),
  of: count,
});

const perNetwork = <T extends z.ZodType>(schema: T) => z.partialRecord(networkKindSchema, schema);

const status = z.object({
  state: z.enum(['online', 'offline']),
  at: at.optional(),
  version: z.string().optional(),
});

const audio = z.object({
  at,
  state: z.enum(['starting', 'online', 'silent', 'flat', 'offline']),
  source: z.string(),
  reason: z.string().optional(),
});

const gatewayFirmware = z.object({
  at,
  version: z.string(),
  networks: perNetwork(z.object({ model: z.string(), hash: z.string() })),
});

const boardFirmware = z.object({
  at,
  installed_version: z.string().meta({ description: 'Model and hash that the board runs.' }),
  latest_version: z.string().meta({ description: 'Model and hash that it is configured to run.' }),
  in_progress: z.boolean(),
  update_percentage: z.number().min(0).max(100).nullable(),
  network: networkKindSchema.optional(),
  error: z.string().optional(),
});

const boardStatus = z.object({
  state: z.enum(['online', 'offline']),
  at: at.optional(),
  core: z.string().optional(),
  firmware: z.string().optional(),
  link: z.enum(['up', 'retrying', 'stopped']).optional().meta({
    description:
      'Its port: open; lost and tried again every few seconds; or not to be had before somebody removes the reason, looked at every few minutes.',
  }),
  reason: z.string().optional(),
});

const statistics = z.object({
  at,
  windows: count,
  droppedWindows: count,
  audioRestarts: count,
  outboxWaiting: count,
  outboxDropped: count,
  outboxLost: count.meta({ description: 'Messages that a damaged disk has lost.' }),
  sent: count,
  refused: z.record(z.string(), count).meta({
    description: 'Messages dropped because the broker will never take them, by its reason.',
  }),
  retried: count.meta({ description: 'Times that the broker put off a message, as for a quota.' }),
  reconnects: count,
  rssBytes: count,
});

const boardName = plainText.min(1).max(63);

const pushCommand = z.strictObject({ board: boardName, network: networkKindSchema.optional() });
const networkCommand = z.strictObject({ board: boardName, network: networkKindSchema });
const labelCommand = z.strictObject({ window: windowId, label: plainText.min(1).max(64) });

const reply = z.object({
  id,
  at,
  command: z.string(),
  ok: z.boolean(),
  message: z.string(),
});

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
  status: state(status, 'The gateway is there; "offline" is its last will.'),
  audio: state(audio, 'What the ear of the gateway does.'),
  'classification/{network}': event(classification, 'What a network on the gateway hears.'),
  comparison: event(comparison, 'Both networks on one window, side by side.'),
  detection: event(detection, 'A sound worth telling: past threshold, debounce and cool-down.'),
  accuracy: state(accuracy, 'How often the networks are right, where the truth is known.'),
  latency: state(z.object({ at, networks: perNetwork(spread) }), 'Time of an inference.'),
  energy: state(
    z.object({ at, networks: perNetwork(energySchema) }),
    'Energy of an inference, with its source.',
  ),
  firmware: state(gatewayFirmware, 'What the gateway runs.'),
  statistics: state(statistics, 'Counters of the gateway.'),
  'board/{board}/status': state(boardStatus, 'Whether a board answers.'),
  'board/{board}/classification': event(boardClassification, 'What the network on a board hears.'),
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
