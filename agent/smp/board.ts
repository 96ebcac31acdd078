import { z } from 'zod';
import {
  IMAGE_GROUP,
  type ImageState,
  type ImageStateRequest,
  imageCommand,
  imageStateReplySchema,
} from '../../protocol/smp/image.ts';
import {
  echoReplySchema,
  emptyReplySchema,
  OS_GROUP,
  osCommand,
  paramsReplySchema,
  type SmpParams,
} from '../../protocol/smp/os.ts';
import { smpError } from '../../protocol/smp/reply.ts';
import {
  type BenchResult,
  type BoardInfo,
  type BoardStats,
  benchReplySchema,
  labelsReplySchema,
  type ResultsReply,
  resultsReplySchema,
  statsReplySchema,
  VENDOR_GROUP,
  vendorCommand,
} from '../../protocol/vendor.ts';
import type { Clock } from '../base/clock.ts';
import { UserError } from '../base/errors.ts';
import { type CallResult, callError } from './call.ts';
import { askWho } from './identity.ts';
import type { BoardLink } from './link.ts';

/** What servers without `params` are taken to accept (Zephyr's smallest default). */
const FALLBACK_PARAMS: SmpParams = { buf_size: 256, buf_count: 1 };
const BENCH_POLL_MS = 100;
/** A bench may keep a slow board from answering for its whole length. */
const BENCH_PATIENCE_MS = 60_000;
/** Two inferences of a slow board, and the noise of a bad line. */
const BENCH_LIMIT_MS = 300_000;

/** The requests a board answers, as functions. Failures are UserErrors unless said otherwise. */
export class Board {
  readonly link: BoardLink;
  readonly clock: Clock;

  constructor(link: BoardLink, clock: Clock) {
    this.link = link;
    this.clock = clock;
  }

  async echo(text: string, signal: AbortSignal, patienceMs?: number): Promise<CallResult<string>> {
    const result = await this.link.tryCall(
      {
        ...{ task: 'saying hello', op: 'write', group: OS_GROUP, command: osCommand.echo },
        body: { d: text },
        reply: echoReplySchema,
        ...(patienceMs === undefined ? {} : { patienceMs }),
      },
      signal,
    );
    return result.type === 'done' ? { type: 'done', value: result.value.r } : result;
  }

  /** Size and number of the board's buffers; the smallest usual ones where it does not say. */
  async params(signal: AbortSignal): Promise<SmpParams> {
    const result = await this.link.tryCall(
      {
        ...{ task: 'reading the buffer size', op: 'read', group: OS_GROUP },
        command: osCommand.params,
        body: {},
        reply: paramsReplySchema,
      },
      signal,
    );
    return orElse(result, FALLBACK_PARAMS, 'reading the buffer size');
  }

  /**
   * Who the board is; undefined when it speaks SMP but is no otolith board. From the first answer on, the link holds to that
   * very board. @throws UserError `board-other`
   */
  async info(signal: AbortSignal): Promise<BoardInfo | undefined> {
    const result = await this.link.tryCall(askWho, signal);
    const info = orElse(result, undefined, 'reading the board info');
    if (info !== undefined) this.link.recognise(info);
    return info;
  }

  images(signal: AbortSignal): Promise<ImageState> {
    return this.link.call(
      {
        ...{ task: 'reading the image list', op: 'read', group: IMAGE_GROUP },
        command: imageCommand.state,
        body: {},
        reply: imageStateReplySchema,
      },
      signal,
    );
  }

  /** Marks an image for a test boot or confirms one; see ImageStateRequest. */
  setImage(request: ImageStateRequest, signal: AbortSignal): Promise<ImageState> {
    const task = request.confirm ? 'confirming the image' : 'marking the image for a test boot';
    return this.link.call(
      {
        ...{ task, op: 'write', group: IMAGE_GROUP, command: imageCommand.state },
        body: { ...request },
        // Servers differ in whether they answer with the list or with an empty map.
        reply: imageStateReplySchema.partial().transform(({ images = [] }) => ({ images })),
      },
      signal,
    );
  }

  /** Asks for a reset. A lost answer is no failure: the board may be gone already. */
  async reset(signal: AbortSignal): Promise<void> {
    const session = await this.link.session(signal);
    const request = { op: 'write', group: OS_GROUP, command: osCommand.reset, body: {} } as const;
    const attempt = await session.attempt(request, session.nextSequence(), 1000);
    if (attempt.type !== 'reply') return;
    const parsed = emptyReplySchema.safeParse(attempt.value.body);
    const rc = z.object({ rc: z.int().min(1) }).safeParse(attempt.value.body);
    if (parsed.success && rc.success) {
      const refused = { type: 'refused', group: undefined, code: rc.data.rc } as const;
      throw callError(session.name, 'resetting', refused);
    }
  }

  /** Runs the network on the window of a seed (VENDOR.md, bench) and waits for its integers. */
  async bench(seed: number, run: number, signal: AbortSignal): Promise<BenchResult> {
    const begun = this.clock.now();
    for (;;) {
      const reply = await this.link.call(
        {
          ...{ task: 'running the self-test', op: 'write', group: VENDOR_GROUP },
          command: vendorCommand.bench,
          body: { seed, run },
          reply: benchReplySchema,
          patienceMs: BENCH_PATIENCE_MS,
        },
        signal,
      );
      if (reply.done) return reply;
      if (this.clock.now() - begun > BENCH_LIMIT_MS) {
        throw new UserError('board-slow', 'the self-test did not end within five minutes');
      }
      await this.clock.sleep(BENCH_POLL_MS, signal);
    }
  }

  results(cursor: number, signal: AbortSignal): Promise<ResultsReply> {
    const read = vendorRead('reading results', vendorCommand.results);
    return this.link.call({ ...read, body: { seq: cursor }, reply: resultsReplySchema }, signal);
  }

  stats(signal: AbortSignal): Promise<BoardStats> {
    const read = vendorRead('reading the counters', vendorCommand.stats);
    return this.link.call({ ...read, reply: statsReplySchema }, signal);
  }

  /** All class names, in as many requests as they need. */
  async labels(signal: AbortSignal): Promise<readonly string[]> {
    const labels: string[] = [];
    for (;;) {
      const read = vendorRead('reading the class names', vendorCommand.labels);
      const reply = await this.link.call(
        { ...read, body: { from: labels.length }, reply: labelsReplySchema },
        signal,
      );
      labels.push(...reply.labels);
      if (labels.length >= reply.count || reply.labels.length === 0) return labels;
    }
  }
}

function vendorRead(task: string, command: number) {
  return { task, op: 'read', group: VENDOR_GROUP, command, body: {} } as const;
}

/** Servers that do not know a command say so with `notsup` or `noent`; then there is a default. */
function orElse<T, D>(result: CallResult<T>, otherwise: D, task: string): T | D {
  if (result.type === 'done') return result.value;
  const unknown =
    result.type === 'refused' &&
    (result.code === smpError.notsup || result.code === smpError.noent);
  if (unknown) return otherwise;
  throw callError('the board', task, result);
}
