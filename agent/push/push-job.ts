import { toHex } from '../../protocol/bytes.ts';
import { parseVersion, versionText } from '../../protocol/mcuboot/format.ts';
import type { BoardInfo } from '../../protocol/vendor.ts';
import { type Attached, attach } from '../attach/attach.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import { UserError } from '../base/errors.ts';
import { packageRoot } from '../base/root.ts';
import { VERSION } from '../base/version.ts';
import { readBoardFile } from '../boards/board-file.ts';
import type { BoardContext } from '../firmware/context.ts';
import { buildFirmware } from '../firmware/firmware.ts';
import { type FirmwareImage, readImageFile } from '../firmware/image.ts';
import type { Model } from '../model/model.ts';
import type { Framing } from '../smp/session.ts';
import { Absence } from './absence.ts';
import { checkImage } from './image-check.ts';
import { type PushOptions, type PushResult, pushImage, type SelfTest } from './push.ts';
import { selfTestsOf } from './self-tests.ts';

export interface PushJob extends Pick<PushOptions, 'onStep' | 'onProgress'> {
  readonly payload:
    | { readonly type: 'model'; readonly model: Model }
    | { readonly type: 'image'; readonly path: string };
  /** Version of the image; default: otolith's own, so that every build gives the same image. */
  readonly release?: string;
  /** Default: the board's own, so that the image is as new as what it runs. */
  readonly securityCounter?: number;
  readonly baud?: number;
  readonly framing?: Framing;
  readonly clock?: Clock;
  /** Called every second while the board is away, with how many there have been. */
  readonly onAway?: (seconds: number) => void;
  /** Stop when the image is built. */
  readonly dryRun: boolean;
}

export interface PushReport {
  readonly id: string;
  /** What kind of board it is; undefined for one of another maker. */
  readonly boardId: string | undefined;
  /** Of the image. */
  readonly version: string;
  readonly imageBytes: number;
  readonly imageHash: string;
  /** Windows that the new firmware had to compute before it was confirmed; 0 where there was nothing to test it by. */
  readonly selfTests: number;
  /** undefined after a dry run. */
  readonly result: PushResult | undefined;
}

interface Prepared {
  /** The image's name in errors. */
  readonly what: string;
  readonly image: FirmwareImage;
  readonly selfTests: readonly SelfTest[];
}

/** Builds what one board needs and brings it there. @throws UserError when it does not come as far as the push itself */
export async function pushTo(
  id: string,
  context: BoardContext,
  job: PushJob,
  signal: AbortSignal,
): Promise<PushReport> {
  const { clock = systemClock } = job;
  const absence = new Absence(clock, (seconds) => job.onAway?.(seconds));
  const attached = attach(id, context, signal, {
    ...{ clock, heartbeatMs: 0, firstOpenMs: 0 },
    ...(job.baud === undefined ? {} : { baud: job.baud }),
    ...(job.framing === undefined ? {} : { framing: job.framing }),
    onState: ({ type }) => (type === 'down' ? absence.begin('port') : absence.end('port')),
  });
  try {
    return await pushWith(attached, context, job, absence, signal);
  } finally {
    absence.stop();
    await attached.stop();
  }
}

/** The same for a board that is in use already. */
export async function pushAttached(
  attached: Pick<Attached, 'id' | 'board'>,
  context: BoardContext,
  job: PushJob,
  signal: AbortSignal,
): Promise<PushReport> {
  const absence = new Absence(attached.board.clock, (seconds) => job.onAway?.(seconds));
  try {
    return await pushWith(attached, context, job, absence, signal);
  } finally {
    absence.stop();
  }
}

async function pushWith(
  { id, board }: Pick<Attached, 'id' | 'board'>,
  context: BoardContext,
  job: PushJob,
  absence: Absence,
  signal: AbortSignal,
): Promise<PushReport> {
  const info = await board.info(signal);
  const { what, image, selfTests } = await prepare(id, info, context, job, signal);
  const key = info === undefined ? context.knownKey().catch(() => undefined) : context.knownKey();
  checkImage(what, image.parsed, { info, key: await key });
  const about = {
    id,
    boardId: info?.board,
    version: versionText(image.parsed.header.version),
    imageBytes: image.bytes.length,
    imageHash: toHex(image.hash),
    selfTests: selfTests.length,
  };
  if (job.dryRun) return { ...about, result: undefined };
  const result = await pushImage(
    board,
    image,
    {
      selfTests,
      absence,
      run: runNumber(),
      recovery: info?.mode === 'recovery',
      ...(job.onStep === undefined ? {} : { onStep: job.onStep }),
      ...(job.onProgress === undefined ? {} : { onProgress: job.onProgress }),
    },
    signal,
  );
  return { ...about, result };
}

async function prepare(
  id: string,
  info: BoardInfo | undefined,
  context: BoardContext,
  job: PushJob,
  signal: AbortSignal,
): Promise<Prepared> {
  if (job.payload.type === 'image') {
    const { path } = job.payload;
    return { what: path, image: await readImageFile(path), selfTests: [] };
  }
  if (info === undefined) {
    throw new UserError('board-foreign', `${id} speaks SMP but is no otolith board`, {
      hint: 'only images built for it can be pushed: --image',
    });
  }
  const { model } = job.payload;
  const version = parseVersion(job.release ?? VERSION.replace(/-.*/, ''));
  if (!version.ok) throw new UserError('usage', version.error);
  const release = { version: version.value, securityCounter: job.securityCounter ?? info.ctr };
  const build = { cache: context.cache, signal };
  const [image, selfTests] = await Promise.all([
    buildFirmware(
      readBoardFile(packageRoot, info.board),
      model,
      await context.key(),
      release,
      build,
    ),
    selfTestsOf(model, context.cache, signal),
  ]);
  return { what: model.metadata.name, image, selfTests };
}

/** Differs between pushes, so that a board never answers with the self-test of an earlier one. */
function runNumber(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}
