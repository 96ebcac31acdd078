import { z } from 'zod';
import { plainText } from './plain-text.ts';

/** What the messages of a gateway carry. On which topic each travels, topics.ts says. */

export const at = z.iso.datetime().meta({ description: 'When it happened (UTC).' });
const id = z.string().min(1).max(200).meta({
  description: 'The same in every repetition of this message: drop what was seen before.',
});
const windowId = plainText
  .min(1)
  .max(100)
  .meta({ description: 'The audio window that this is about; the same on gateway and boards.' });
const share = z.number().min(0).max(1);
const count = z.int().min(0);

/** A network's name: one level of a topic, part of message ids and of Home Assistant's entity ids. At most 32 characters. */
export const NETWORK_NAME = /^(?=.{1,32}$)[a-z0-9]+([_-][a-z0-9]+)*$/;

const networkName = z
  .string()
  .regex(NETWORK_NAME)
  .meta({ description: 'A network of the gateway, by its name in the configuration.' });

const precision = z
  .enum(['int8', 'xnor'])
  .meta({ description: 'Its arithmetic, as its model file has it: 8-bit integers, or signs.' });

/** Two networks that are compared, by their names. */
const pair = z
  .tuple([networkName, networkName])
  .meta({ description: 'The two networks, in the order of the configuration.' });
export type Pair = z.infer<typeof pair>;

const latencySchema = z
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

export const classification = z.object({
  id,
  at,
  window: windowId,
  network: networkName,
  model: z.string(),
  precision,
  ...verdict,
  top: z
    .array(z.object({ class: z.string(), confidence: share }))
    .max(3)
    .meta({ description: 'The three likeliest classes.' }),
  clip: clip.optional(),
});

export const boardClassification = classification.extend({
  board: z.string(),
  sequence: count.meta({ description: "Number of the record in the board's ring." }),
  boot: count.meta({ description: 'Boot count of the board.' }),
  sameAsGateway: z
    .boolean()
    .optional()
    .meta({ description: "Whether every integer score equals the gateway's for this window." }),
});

export const perNetwork = <T extends z.ZodType>(schema: T) => z.record(networkName, schema);

const accuracyOf = z.object({ correct: count, of: count });

export const accuracy = z.object({
  at,
  windows: perNetwork(accuracyOf),
  clips: perNetwork(accuracyOf).meta({
    description: 'Whole clips: mean confidence over the windows of a clip.',
  }),
  note: z.string().meta({ description: 'What the figure does and does not say.' }),
});

export const comparison = z.object({
  id,
  at,
  window: windowId,
  pair,
  agree: z.boolean(),
  verdicts: perNetwork(verdictSchema).meta({ description: 'Of the two, by name.' }),
  label: z.string().optional(),
  agreement: share.meta({ description: 'Share of the last 100 windows on which the two agree.' }),
});

export const detection = z.object({
  id,
  at,
  window: windowId,
  class: z.string(),
  confidence: share,
  network: networkName.meta({
    description: 'Which network it is from; "agree": both networks of the pair.',
  }),
  pair: pair.optional(),
  windows: z.int().min(1).meta({ description: 'Windows in a row with this class.' }),
});

export const spread = z.object({
  unit: latencySchema.shape.unit,
  median: z.number(),
  p95: z.number(),
  of: count,
});

export const status = z.object({
  state: z.enum(['online', 'offline']),
  at: at.optional(),
  version: z.string().optional(),
});

export const audio = z.object({
  at,
  state: z.enum(['starting', 'online', 'silent', 'flat', 'offline']),
  source: z.string(),
  reason: z.string().optional(),
});

export const gatewayFirmware = z.object({
  at,
  version: z.string(),
  networks: perNetwork(z.object({ model: z.string(), precision, hash: z.string() })),
});

export const boardFirmware = z.object({
  at,
  installed_version: z.string().meta({ description: 'Model and hash that the board runs.' }),
  latest_version: z.string().meta({ description: 'Model and hash that it is configured to run.' }),
  in_progress: z.boolean(),
  update_percentage: z.number().min(0).max(100).nullable(),
  network: networkName.optional(),
  error: z.string().optional(),
});

export const boardStatus = z.object({
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

export const statistics = z.object({
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

/** Any name, so that the answer to one that no network has can say which there are. */
const askedNetwork = plainText.min(1).max(63);

export const pushCommand = z.strictObject({ board: boardName, network: askedNetwork.optional() });
export const networkCommand = z.strictObject({ board: boardName, network: askedNetwork });
export const labelCommand = z.strictObject({ window: windowId, label: plainText.min(1).max(64) });

export const reply = z.object({
  id,
  at,
  command: z.string(),
  ok: z.boolean(),
  message: z.string(),
});
