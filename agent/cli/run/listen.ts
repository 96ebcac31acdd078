import { printable } from '../../../protocol/printable.ts';
import { UserError } from '../../base/errors.ts';
import { loadConfig } from '../../config/load.ts';
import { loadSecrets } from '../../publish/credentials.ts';
import { connect, type Message } from '../../publish/mqtt-connection.ts';
import { interruption } from '../boards/board-context.ts';
import { LineQueue } from '../boards/line-queue.ts';
import { painter, showsColour } from '../terminal/colour.ts';

export interface ListenOptions {
  readonly config?: string;
  readonly port?: number;
  readonly count?: number;
  /** ms */
  readonly for?: number;
  readonly json?: boolean;
}

const KEEP_ALIVE_MS = 30_000;
/** Longer payloads are cut on a line for people. */
const LONGEST = 2000;

/** `otolith listen` */
export async function listen(topic: string | undefined, options: ListenOptions): Promise<void> {
  const { mqtt, gateway } = await loadConfig(options.config);
  const local = mqtt.url === undefined || options.port !== undefined;
  const url = local ? `mqtt://127.0.0.1:${options.port ?? mqtt.port}` : (mqtt.url ?? '');
  const filters = filtersOf(topic ?? `${mqtt.baseTopic}/${gateway.name}`);
  const interrupted = interruption();
  const done = new AbortController();
  const out = new LineQueue(process.stdout, (lost) =>
    console.error(`${lost} messages were left out: they came faster than they could be printed`),
  );
  let left = options.count ?? Number.POSITIVE_INFINITY;
  const onMessage = (message: Message): void => {
    if (left <= 0) return;
    out.put(lineOf(message, options.json === true));
    if (--left === 0) done.abort();
  };
  const link = await connect(
    {
      ...{ url, version: mqtt.version, clientId: `otolith-listen-${process.pid}` },
      ...{ keepAliveMs: KEEP_ALIVE_MS, onMessage },
      ...(local ? { verify: true } : await loadSecrets(mqtt)),
    },
    interrupted,
  );
  const timer = options.for === undefined ? undefined : setTimeout(() => done.abort(), options.for);
  try {
    for (const filter of filters) await subscribed(link.subscribe(filter), filter);
    const ended = await Promise.race([link.closed, aborted(interrupted), aborted(done.signal)]);
    if (ended !== undefined) {
      const hint = 'see whether the broker runs, then listen again';
      throw new UserError('mqtt-lost', `the connection to ${url} has ended: ${ended.reason}`, {
        hint,
      });
    }
  } finally {
    clearTimeout(timer);
    await link.end();
    await out.end();
  }
}

/** A filter as it is; the beginning of topics with all that lies below it. */
function filtersOf(topic: string): readonly string[] {
  if (/[+#]/.test(topic)) return [topic];
  const bare = topic.replace(/\/+$/, '');
  return [bare === '' ? '#' : `${bare}/#`];
}

async function subscribed(
  outcome: ReturnType<Awaited<ReturnType<typeof connect>>['subscribe']>,
  filter: string,
) {
  const answer = await outcome;
  if (answer.kind === 'acknowledged') return;
  throw new UserError('mqtt-refused', `the broker refuses the topics ${filter}: ${answer.reason}`, {
    hint: 'name topics that it lets this client read',
  });
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

/** `protocol` says that payloads are JSON; other clients may publish anything, so text stays text. */
function lineOf({ topic, payload, retained }: Message, json: boolean): string {
  const text = Buffer.from(payload).toString();
  if (json) return JSON.stringify({ topic, retained, payload: parsed(text) });
  const paint = painter(showsColour(process.stdout));
  const cut = text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}...`;
  return `${paint('strong', printable(topic))}  ${printable(cut)}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
