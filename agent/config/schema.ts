import { z } from 'zod';
import { NETWORK_NAME } from '../../protocol/payloads.ts';
import { duration } from './duration-schema.ts';

// Every leaf carries a description (for the reference) and a hint (for the error that names it);
// both travel in the JSON Schema, from which reference and errors are made.

const slug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/)
  .meta({ hint: 'give 1 to 63 of a-z, 0-9, - and _, starting with a letter or digit' });

/** A line of text of at most so many characters: nothing in it moves a cursor or ends a line. */
function line(longest: number) {
  return z
    .string()
    .min(1)
    .max(longest)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u);
}

const path = line(4096).meta({ hint: 'give the path of a file' });
const directory = line(4096).meta({ hint: 'give the path of a directory' });

const flag = z.boolean().meta({ hint: 'give true or false' });

function whole(min: number, max: number) {
  return z
    .int()
    .min(min)
    .max(max)
    .meta({ hint: `give a whole number from ${min} to ${max}` });
}

function oneOf<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values).meta({ hint: `give one of ${values.join(', ')}` });
}

const share = z.number().min(0).max(1).meta({ hint: 'give a number from 0 to 1' });

/** MQTT ends at 65,535 bytes and brokers at some hundred levels; what we append needs room too. */
const topicPart = z
  .string()
  .max(200)
  .regex(/^[^#+/\s$\p{Cc}\p{Cs}]([^#+\s\p{Cc}\p{Cs}]*[^#+/\s\p{Cc}\p{Cs}])?$/u)
  .meta({
    hint: 'give a topic of at most 200 characters without spaces, # and +, that neither starts nor ends with /',
  });

/** What the expression alone lets through: ports above 65535 or 0, and brackets around no address. */
function isBrokerUrl(text: string): boolean {
  try {
    const { hostname, port } = new URL(text);
    return hostname !== '' && port !== '0';
  } catch {
    return false;
  }
}

const gateway = z.strictObject({
  name: slug.optional().meta({
    description:
      "Name of this gateway in topics and in Home Assistant. Default: the machine's name.",
  }),
  stateDir: directory.optional().meta({
    description:
      'Where the outbox, board flash and cursors live. Default: STATE_DIRECTORY (set by systemd), else ~/.local/state/otolith.',
  }),
});

const audio = z.strictObject({
  source: oneOf(['microphone', 'clips'])
    .default('microphone')
    .meta({ description: 'What to listen to: a microphone, or recorded clips at real-time pace.' }),
  recorder: oneOf(['arecord', 'sox', 'rec'])
    .default('arecord')
    .meta({ description: 'Program that records (ALSA: arecord; elsewhere: sox or rec).' }),
  device: line(256).optional().meta({
    description:
      'Capture device as the recorder names it (arecord -L). Default: the recorder’s own.',
    hint: 'give a name from `arecord -L`, such as plughw:1,0',
  }),
  captureRate: whole(8000, 192000)
    .default(48000)
    .meta({ description: 'Rate asked of the recorder, in Hz; resampled to 20 kHz by otolith.' }),
  hop: duration('100ms', '60s')
    .prefault('1s')
    .meta({ description: 'Time from the start of one window to the start of the next.' }),
  clips: path.optional().meta({
    description:
      'A file, a folder of WAV, FLAC, Ogg Vorbis or MP3 files (labels from its esc50.csv), or a folder per class. Default: the clips that come with otolith.',
  }),
  loop: flag
    .default(true)
    .meta({ description: 'Start over after the last clip; false ends the run there.' }),
  silenceAfter: duration('1s', '1d').prefault('60s').meta({
    description:
      'Report "audio silent" after this long below silenceLevel; a microphone in use is never this quiet.',
  }),
  silenceLevel: z.number().min(-120).max(0).default(-90).meta({
    description: 'Loudness (RMS) under which a second counts as silent, in dB of full scale.',
    hint: 'give decibels from -120 to 0',
  }),
});

/** The networks that run where none is named: one on the waveform, and two of different arithmetic on the same spectrogram. */
export const DEFAULT_NETWORKS = [
  { name: 'qmicro', model: 'qmicro-acdnet-esc10' },
  { name: 'mel', model: 'mel-acdnet-esc10' },
  { name: 'xnor', model: 'xnor-esc10' },
];

/** What detection.network and boards[].network say beside names of networks. */
const RESERVED: readonly string[] = ['agree', 'best'];

const networkName = z
  .string()
  .regex(NETWORK_NAME)
  .refine((name) => !RESERVED.includes(name))
  .meta({
    description: 'Its name, in topics and wherever the configuration means it.',
    hint: 'give a name of 1 to 32 of a-z and 0-9, with single - or _ between them; agree and best mean something else',
  });

const network = z.strictObject({
  name: networkName,
  model: path.meta({
    description: 'A name from the zoo, or the path of a deployed model.',
    hint: 'give a name from the zoo (`otolith models` lists them) or the path of a deployed model',
  }),
});

const networks = z.array(network).min(1).max(16).default(DEFAULT_NETWORKS).meta({
  description:
    'The networks that run, each on every window. A window is as long as the longest takes; a network that takes less gets the first part of it.',
  hint: 'give a list of 1 to 16, each entry with a name and a model: [{ name: mine, model: mine.safetensors }]',
});

const pair = z
  .tuple([networkName, networkName])
  .meta({ hint: 'give two names of networks, such as [mel, xnor]' });

const comparedPair = pair.meta({
  description: 'Two of them.',
  hint: 'give each pair of names in its own brackets: [[mel, xnor]]',
});

const compare = z.array(comparedPair).max(32).optional().meta({
  description:
    'Pairs of networks that are compared on every window, by name: [[mel, xnor]]. Both must know the same classes and take the same window. Default: the first two that read the same input (the waveform, or the same spectrogram).',
  hint: 'give a list of pairs of names, such as [[mel, xnor]]; [] compares none',
});

/** Which network something means: the name of one, or a word that stands for one. */
function networkOr(word: string) {
  return z
    .string()
    .regex(NETWORK_NAME)
    .meta({ hint: `give the name of a network, or ${word}` });
}

const classRule = z.strictObject({
  threshold: share.optional().meta({ description: 'Overrides detection.threshold.' }),
  cooldown: duration('0s', '1d').optional().meta({ description: 'Overrides detection.cooldown.' }),
  enabled: flag.default(true).meta({ description: 'Whether it is reported at all.' }),
});

const detection = z.strictObject({
  network: networkOr('agree').optional().meta({
    description:
      'Which network makes detections: one by its name, or agree: two must have the same class. Default: the first of networks.',
  }),
  pair: pair.optional().meta({
    description: 'Which two must agree, with network: agree. Default: the first pair of compare.',
  }),
  threshold: share.default(0.6).meta({ description: 'Least confidence of a detection.' }),
  windows: whole(1, 60)
    .default(2)
    .meta({ description: 'Debounce: this many windows in a row must have the same class.' }),
  cooldown: duration('0s', '1d').prefault('10s').meta({
    description: 'After a detection, the same class is not reported again for this long.',
  }),
  classes: z
    .record(line(200), classRule)
    .default({})
    .meta({ description: 'Rules of single classes, by name.', hint: 'give a map of class names' }),
});

const board = z.strictObject({
  id: z
    .string()
    .regex(
      /^(emulated:cortex-m(4|7|33|55)(@([a-z0-9][a-z0-9._-]{0,31}|\/[^\p{Cc}\p{Cs}]{1,255}))?|serial:[\w.:-]{1,128}|\/dev\/serial\/by-id\/[^/\p{Cc}\p{Cs}]{1,255})$/u,
    )
    .meta({
      description:
        'Which board: emulated:cortex-m4|7|33|55 (@NAME or @/path/to.flash for another of its kind), /dev/serial/by-id/..., or serial:NUMBER.',
      hint: 'give emulated:cortex-m4 (m7, m33, m55), /dev/serial/by-id/NAME or serial:NUMBER (`otolith boards` lists them; ttyACM numbers change)',
    }),
  name: slug.optional().meta({ description: 'Name in topics. Default: made from the id.' }),
  framing: oneOf(['console', 'raw']).optional().meta({
    description:
      'How packets lie on its line: console (text lines with a checksum, what otolith boards speak) or raw (bare SMP packets, for boards of other makers built so). Default: console.',
  }),
  network: networkOr('best').optional().meta({
    description:
      'Which network the board runs: one by its name, or best: the most accurate by the cross-validation in the files, the smallest where they tie, differ in classes or window, or a file has none. Default: the first of networks.',
  }),
});

const tls = z.strictObject({
  ca: path.optional().meta({ description: 'Certificate authority of the broker (PEM).' }),
  cert: path.optional().meta({ description: 'Client certificate (PEM).' }),
  key: path.optional().meta({ description: "The client certificate's private key (PEM)." }),
  verify: flag
    .default(true)
    .meta({ description: 'false accepts any certificate; anyone may then pose as the broker.' }),
});

const outbox = z.strictObject({
  detections: whole(100, 10_000_000).default(100_000).meta({
    description: 'Most detections kept on disk while the broker is away; oldest go first.',
  }),
  telemetry: whole(100, 10_000_000)
    .default(50_000)
    .meta({ description: 'Most other records kept on disk while the broker is away.' }),
  inFlight: whole(1, 1000)
    .default(32)
    .meta({ description: 'Most publications that wait for their acknowledgement at a time.' }),
});

const homeAssistant = z.strictObject({
  enabled: flag.default(true).meta({ description: 'Publish discovery for Home Assistant.' }),
  prefix: topicPart
    .default('homeassistant')
    .meta({ description: "Home Assistant's discovery prefix." }),
});

const mqtt = z.strictObject({
  url: z
    .string()
    .max(2048)
    .regex(
      /^(mqtts?|wss?):\/\/(\[[0-9A-Fa-f:.]+\]|[^/\s:@[\]]+)(:\d{1,5})?(\/[^\s\p{Cc}\p{Cs}]*)?$/u,
    )
    .refine(isBrokerUrl)
    .optional()
    .meta({
      description:
        'The broker, such as mqtts://broker.example:8883. Default: mosquitto is started on loopback.',
      hint: 'give mqtt://HOST, mqtts://HOST:PORT (1 to 65535), ws:// or wss://, without user and password in it',
    }),
  port: whole(1, 65535).default(1883).meta({
    description: 'Port of the started mosquitto; the next free one where it is taken.',
  }),
  // YAML reads 5 as a number, and 3.1.1 as text.
  version: z
    .union([z.enum(['auto', '5', '3.1.1']), z.literal(5)])
    .transform((version) => (version === 5 ? '5' : version))
    .prefault('auto')
    .meta({
      description: 'MQTT version; auto: 5, and 3.1.1 where the broker has no 5.',
      hint: 'give one of auto, 5, 3.1.1',
    }),
  baseTopic: topicPart.default('otolith').meta({ description: 'First part of every topic.' }),
  clientId: slug.optional().meta({ description: 'Default: otolith-<gateway>.' }),
  username: line(1024)
    .optional()
    .meta({ description: 'User name at the broker.', hint: 'give the user name' }),
  passwordFile: path.optional().meta({ description: 'File whose first line is the password.' }),
  passwordEnv: z
    .string()
    .regex(/^[A-Za-z_]\w{0,254}$/)
    .optional()
    .meta({
      description: 'Environment variable that holds the password.',
      hint: 'give the name of an environment variable',
    }),
  keepAlive: duration('5s', '10m')
    .prefault('30s')
    .meta({ description: 'A broker silent for 1.5 times this long counts as gone.' }),
  tls: tls.prefault({}),
  outbox: outbox.prefault({}),
  homeAssistant: homeAssistant.prefault({}),
});

/** The whole configuration; what a file leaves out takes its default. */
export const configSchema = z.strictObject({
  gateway: gateway.prefault({}),
  audio: audio.prefault({}),
  networks,
  compare,
  detection: detection.prefault({}),
  boards: z.array(board).max(32).default([]).meta({
    description: 'Boards that this gateway sends windows and firmware to.',
    hint: 'give a list, each entry with an id',
  }),
  mqtt: mqtt.prefault({}),
});

/** The configuration as the program sees it: complete, durations in milliseconds. */
export type Config = z.output<typeof configSchema>;
/** The configuration as it may stand in a file. */

/** JSON Schema (2020-12) of the file, for editors; `hint` is otolith's own annotation. */
export function configJsonSchema(): Record<string, unknown> {
  return { title: 'otolith.yaml', ...z.toJSONSchema(configSchema, { io: 'input' }) };
}
