import { toHex } from '../../../protocol/bytes.ts';
import { type BoardInfo, refusalMeaning } from '../../../protocol/vendor.ts';
import { attach } from '../../attach/attach.ts';
import { type FoundPort, findPorts, locate } from '../../attach/discover.ts';
import { meantBoard } from '../../attach/meant-board.ts';
import { reasonOf } from '../../base/errors.ts';
import type { BoardContext } from '../../firmware/context.ts';
import type { Framing } from '../../smp/session.ts';
import { type ContextOptions, contextOf, interruption } from './board-context.ts';

export interface BoardsOptions extends ContextOptions {
  /** All that are found, or just this port. */
  readonly probe?: boolean | string;
  readonly baud?: number;
  readonly framing?: Framing;
  readonly json?: boolean;
}

type Probe =
  | { readonly type: 'otolith'; readonly info: BoardInfo }
  | { readonly type: 'smp' }
  | { readonly type: 'silent'; readonly why: string };

/** Long enough for one lost request, short enough for a list. */
const PROBE_MS = 4000;

async function probe(
  port: FoundPort,
  context: BoardContext,
  options: BoardsOptions,
  signal: AbortSignal,
): Promise<Probe> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(PROBE_MS)]);
  const attached = attach(port.path, context, within, {
    ...{ heartbeatMs: 0, firstOpenMs: 0 },
    ...(options.baud === undefined ? {} : { baud: options.baud }),
    ...(options.framing === undefined ? {} : { framing: options.framing }),
  });
  try {
    const info = await attached.board.info(within);
    return info === undefined ? { type: 'smp' } : { type: 'otolith', info };
  } catch (error) {
    const trouble = attached.board.link.trouble;
    const silent = within.aborted ? 'nothing answers SMP there' : reasonOf(error);
    return { type: 'silent', why: trouble ?? silent };
  } finally {
    await attached.stop();
  }
}

function words(result: Probe): string {
  switch (result.type) {
    case 'smp':
      return 'speaks SMP, not an otolith board';
    case 'silent':
      return result.why;
    case 'otolith': {
      const { info } = result;
      const why = refusalMeaning(info.refused);
      if (info.mode === 'recovery') {
        const image = why === undefined ? '' : ` (of its image: ${why})`;
        return `${info.board}, in serial recovery: push firmware to it${image}`;
      }
      const model = info.model === '' ? 'no network' : `${info.model} (${info.kind})`;
      const refused = why === undefined ? '' : `; it does not run the image asked for last: ${why}`;
      return `${info.board}, firmware ${info.fw}, ${model}${refused}`;
    }
  }
}

function plain(info: BoardInfo): Readonly<Record<string, unknown>> {
  return info.mode === 'app' ? { ...info, hash: toHex(info.hash) } : info;
}

/** The one port that is named, also one that no list has, such as a soldered UART. @throws UserError `board-absent` */
async function namedPort(name: string, stateDir: string): Promise<FoundPort> {
  const id = await meantBoard(name, stateDir);
  const { path, serialNumber } = await locate(id, stateDir);
  const found = (await findPorts(stateDir)).find((port) => port.path === path);
  return found ?? { id, path, serialNumber, what: 'serial port' };
}

/** `otolith boards` */
export async function listBoards(options: BoardsOptions): Promise<void> {
  const { context } = await contextOf(options);
  const signal = interruption();
  const { probe: asked } = options;
  const ports =
    typeof asked === 'string'
      ? [await namedPort(asked, context.stateDir)]
      : await findPorts(context.stateDir);
  const probes = new Map<string, Probe>();
  if (asked !== undefined && asked !== false) {
    const results = await Promise.all(ports.map((port) => probe(port, context, options, signal)));
    ports.forEach((port, i) => {
      const result = results[i];
      if (result !== undefined) probes.set(port.id, result);
    });
  }
  // Who names a port asks about it; that a port of a list stays silent is an answer.
  const [only] = probes.values();
  if (typeof asked === 'string' && only?.type === 'silent') process.exitCode = 1;
  if (options.json) {
    const rows = ports.map((port) => {
      const result = probes.get(port.id);
      const info = result?.type === 'otolith' ? { info: plain(result.info) } : {};
      return { ...port, ...(result === undefined ? {} : { answer: result.type }), ...info };
    });
    console.log(JSON.stringify(rows, null, 2));
    return;
  }
  if (ports.length === 0) console.log('no board is plugged in; otolith emulate cortex-m4 runs one');
  for (const port of ports) {
    const result = probes.get(port.id);
    console.log(`${port.id}  ${port.path}  ${result === undefined ? port.what : words(result)}`);
  }
}
